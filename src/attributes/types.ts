/** What can be wrong with a value. */
export type IssueCode =
  'type' | 'email' | 'max_length' | 'characters' | 'name' | 'phone' | 'empty' | 'too_large' | 'not_allowed'

/** One thing wrong with one field. It names the field, the rule and the value's kind, never the value. */
export type Issue = { field: string; code: string; message: string }

type Absent = undefined | null

/** What a custom attribute may hold. */
export type CustomValue = string | number | boolean | Date | readonly string[] | Absent

/** What `identify` takes: User.com's documented fields, and any custom attribute by its own name. */
export type Attributes = {
  email?: string | Absent
  first_name?: string | Absent
  last_name?: string | Absent
  tags?: readonly string[] | string | Absent
  company_custom_id?: string | number | Absent
  custom_id?: string | number | Absent
  phone_number?: string | Absent
  [custom: string]: CustomValue
}

/** Attributes after trimming and checking: what goes over the wire. */
export type CleanAttributes = Record<string, string | number | boolean | string[]>

export type ParseOptions = {
  /** What to do with a name over 40 code points: refuse it with `max_length`, or cut it, never inside a grapheme. @default 'refuse' */
  tooLong?: 'refuse' | 'truncate'
}

/** `attributes` is complete only where `issues` is empty. */
export type ParseResult = { attributes: CleanAttributes; issues: Issue[] }
