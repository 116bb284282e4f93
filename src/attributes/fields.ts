import type { parsers } from './parsers'

/** How one field is checked. Every rule is data; `parseAttributes` is the one reader of them. */
export type FieldRule = {
  /** The kinds of value it takes: `typeof` of each, or `list`. */
  takes: string
  /** In Unicode code points, as Python counts them. */
  maxLength?: number
  /** The parser that its text has to pass, and the code where it does not. */
  form?: keyof typeof parsers
}

const name: FieldRule = { takes: 'string', maxLength: 40 }
const identifier: FieldRule = { takes: 'string or finite number' }

/** The one field that is always sent as a list. */
export const tags: FieldRule = { takes: 'string or list' }

/** The one place that says what a User.com user is; whatever is not named here is a custom attribute. */
export const fields: Record<string, FieldRule> = {
  // A custom attribute may be called `toString`: a look-up must not find what every object inherits.
  __proto__: null as never,
  email: { takes: 'string', maxLength: 254, form: 'email' },
  first_name: name,
  last_name: name,
  tags,
  company_custom_id: identifier,
  custom_id: identifier,
  phone_number: { takes: 'string', form: 'phone' },
}

/** Of objects it takes `Date` alone. */
export const customField: FieldRule = { takes: 'string, finite number, boolean, Date object or list' }
export const wholeObject: FieldRule = { takes: 'object' }

/** No name at all, names that reach into an object's prototype, and what only User.com itself sets. */
export const refusedNames = new Set(
  ' __proto__ constructor prototype id key name lists attributes companies chat_id page_views first_seen last_seen last_contacted last_ip created_at updated_at os_type resolution browser browser_language google_url gravatar_url'.split(
    ' ',
  ),
)

/** The longest JSON that a relay takes, in bytes of UTF-8. */
export const maxJsonBytes = 32_768
