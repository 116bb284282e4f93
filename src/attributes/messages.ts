import type { FieldRule } from './fields'
import type { IssueCode } from './types'

/** Says the rule and, where the type is wrong, the kind of value that was met: never the value. */
export const toMessage = (
  code: Exclude<IssueCode, 'not_allowed'>,
  { takes, maxLength }: FieldRule,
  kind: unknown,
): string =>
  'must be ' +
  {
    type: `${takes}, not ${kind}`,
    email: 'an email address',
    max_length: `at most ${maxLength} characters`,
    characters: 'without U+0000 and lone surrogates',
    name: 'another name',
    phone: '+ and 7 to 15 digits',
    empty: 'not empty',
    too_large: 'at most 32 KiB',
  }[code]
