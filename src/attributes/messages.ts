import type { FieldRule } from './fields'
import type { IssueCode } from './types'

/** Says the rule and, where the type is wrong, the kind of value that was met: never the value. */
export const toMessage = (code: IssueCode, { takes, maxLength }: FieldRule, kind: unknown): string =>
  code === 'type'
    ? `takes ${takes}, not ${kind}`
    : code === 'max_length'
      ? `takes at most ${maxLength} characters`
      : `breaks the rule "${code}"`
