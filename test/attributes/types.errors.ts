// What must compile, and what must not: checked by `npm run types`, never run.
import type { Attributes } from '../../src/attributes'

export const taken: Attributes[] = [
  {},
  { email: 'a@example.org', first_name: 'John', last_name: null, tags: ['new'] as const, custom_id: 7 },
  { tags: 'new', phone_number: undefined, company_custom_id: 'c-7' },
  { plan: 'pro', seats: 12, paying: true, since: new Date(), colours: ['red'] },
]

export const refused: Attributes[] = [
  // @ts-expect-error an email is text
  { email: {} },
  // @ts-expect-error an email is text
  { email: 7 },
  // @ts-expect-error a name is text
  { first_name: ['John'] },
  // @ts-expect-error a tag is text
  { tags: [1] },
  // @ts-expect-error a phone number is text: as a number it has lost its plus sign
  { phone_number: 4930123456 },
  // @ts-expect-error an identifier is text or a number
  { custom_id: true },
  // @ts-expect-error a custom attribute is flat
  { plan: { name: 'pro' } },
  // @ts-expect-error a list is of texts
  { seats: [1, 2] },
  // @ts-expect-error JSON has no function
  { plan: () => 'pro' },
]
