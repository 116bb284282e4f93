import { customField, fields, type FieldRule } from '../../src/attributes/fields'
import type { Attributes, IssueCode } from '../../src/attributes'
import { toTable } from './toTable'

/** The fields that have a name: a field that is added to the types must be described here. */
type Field = keyof { [Name in keyof Attributes as string extends Name ? never : Name]: 1 }

const meanings: Record<Field | 'custom', string> = {
  email:
    'What browsers’ `type=email` and Django’s `EmailValidator` both take. International domains too: `user@müller.de`',
  first_name: '',
  last_name: '',
  tags: 'Empty ones and repeats are dropped, the order is kept. Always sent as a list',
  company_custom_id: 'Your own identifier of the company. A number is sent as a string',
  custom_id:
    'Your own identifier of the person. The relay takes it with a verified token only. A number is sent as a string',
  phone_number: 'E.164, such as `+49301234567`, once spaces, dots, dashes and brackets are dropped',
  custom:
    'A `Date` is sent as ISO 8601 in UTC; of other objects none is taken. The attribute must exist in your app',
}

const codes: Record<IssueCode, string> = {
  type: 'The value is of a kind that this field does not take, is `NaN` or infinite, is no valid date, or throws when it is read',
  email: 'Not an email address',
  max_length: 'Too long. Counted in Unicode code points, as User.com counts them',
  characters: 'Holds U+0000 or half of a surrogate pair',
  name: 'Not a name for an attribute: empty, `__proto__` and its kin, one that only User.com sets (`id`, `key`, `created_at`, …), or the same as another after trimming',
  phone: 'Not a phone number in E.164',
  empty: 'There is nothing left to send',
  too_large: 'Over 32 KiB of JSON',
  not_allowed: 'From the relay: pages may not set this, or not for this person',
}

const toRow = (title: string, { takes, maxLength }: FieldRule, meaning: string) => [
  title,
  takes.replace('list', 'list of strings').replace('Date object', '`Date`'),
  [maxLength && `At most ${maxLength} characters`, meaning].filter(Boolean).join('. '),
]

/** What can be said of a person, from the table that the code checks by. */
export const toAttributeTable = (): string =>
  toTable(
    ['attribute', 'takes', 'rule'],
    [
      ...Object.entries(fields).map(([name, rule]) => toRow(`\`${name}\``, rule, meanings[name as Field])),
      toRow('any other name', customField, meanings.custom),
    ],
  )

export const toCodeTable = (): string =>
  toTable(
    ['code', 'meaning'],
    Object.entries(codes).map(([code, meaning]) => [`\`${code}\``, meaning]),
  )
