import { toAsciiEmail } from './toAsciiEmail'

/** How one field is checked. Every rule is data; `parseAttributes` is the one reader of them. */
export type FieldRule = {
  /** The kinds of value it takes, as `toKind` names them and as the messages say them. */
  takes: string
  /** Unicode code points, as Python counts them. */
  maxLength?: number
  /** The text to send, or nothing where it is to be refused with `code`. */
  parse?: (text: string) => string | false
  code?: 'email' | 'phone'
  /** A single string becomes a list of one. */
  list?: true
}

// What browsers' `type=email` takes (https://html.spec.whatwg.org/#valid-e-mail-address), and a dot in the host: `a@b` is
// an intranet's. Django's `EmailValidator` takes a little less, and quoted local parts, which no browser does.
const email = /^[\w.!#$%&'*+/=?^`{|}~-]+@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.(?!$)|$)){2,}$/i

// E.164 says at most 15 digits; no country has numbers of fewer than 7 with its code.
const phone = /^\+[1-9]\d{6,14}$/

const name: FieldRule = { takes: 'string', maxLength: 40 }
const identifier: FieldRule = { takes: 'string or number' }

/** The one place that says what a User.com user is; whatever is not named here is a custom attribute. */
export const fields: Record<string, FieldRule> = {
  // A custom attribute may be called `toString`: a look-up must not find what every object inherits.
  __proto__: null as never,
  email: {
    takes: 'string',
    maxLength: 254,
    parse: (text) => email.test(toAsciiEmail(text)) && text,
    code: 'email',
  },
  first_name: name,
  last_name: name,
  tags: { takes: 'string or list of strings', list: true },
  company_custom_id: identifier,
  custom_id: identifier,
  phone_number: {
    takes: 'string',
    parse(text) {
      const number = text.replace(/[\s.()[\]\-\u2010-\u2015]/g, '')
      return phone.test(number) && number
    },
    code: 'phone',
  },
}

export const customField: FieldRule = { takes: 'string, number, boolean, date or list of strings' }
export const wholeObject: FieldRule = { takes: 'object' }

/** No name at all, names that would reach into an object's prototype, and what only User.com sets. */
export const refusedName =
  /^(?:__proto__|constructor|prototype|id|key|name|last_(?:ip|seen|contacted)|first_seen|(?:cre|upd)ated_at|lists|attributes|companies|page_views|chat_id|browser(?:_language)?|os_type|resolution|(?:gravatar|google)_url)?$/

/** The longest JSON that a relay takes, in bytes of UTF-8. */
export const maxJsonBytes = 32_768
