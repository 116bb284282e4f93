import type { FieldRule } from './fields'
import { customField, fields, maxJsonBytes, refusedNames, tags, wholeObject } from './fields'
import { parsers } from './parsers'
import { trim } from './trim'
import { truncate } from './truncate'
import type { CleanAttributes, Issue, IssueCode, ParseOptions, ParseResult } from './types'

// With the `u` flag a surrogate matches only where its other half is missing.
const refusedCharacters = /[\0\p{Cs}]/u

/**
 * Trims and checks attributes as User.com would, and reports every problem, not only the first.
 *
 * Never throws, whatever `input` is, and never changes it. `undefined`, `null` and strings that are empty after trimming
 * are absent from the result. Issue codes: `type`, `email`, `max_length`, `characters`, `name`, `phone`, `empty` (nothing
 * left to send), `too_large` (over 32 KiB of JSON in UTF-8). An issue names its field by at most 64 characters; `''`
 * is the whole object.
 */
export function parseAttributes(input: unknown, options?: ParseOptions): ParseResult {
  const attributes: CleanAttributes = { __proto__: null as never }
  const issues: Record<string, Issue> = {}

  // What is being checked, for the issues to name.
  let field: string
  let rule: FieldRule
  let kind: string

  /** Keyed, so that a list of a thousand numbers is one issue. */
  const refuse = (code: IssueCode, message = `breaks the rule "${code}"`): undefined => {
    issues[field + code] = { field, code, message }
    return
  }

  /** Says the kind of value that was met: never the value. */
  const refuseType = () => refuse('type', `takes ${rule.takes}, not ${kind}`)

  /** Runs the checks of one field. A getter or a proxy that throws has no value of a kind that is taken. */
  const check = (name: string, fieldRule: FieldRule, run: () => void) => {
    field = name.slice(0, 64)
    rule = fieldRule
    kind = 'unreadable'
    try {
      run()
    } catch {
      refuseType()
    }
  }

  const isTaken = (value: unknown, takes = rule.takes) => {
    kind = Array.isArray(value) ? 'list' : typeof value
    return takes.includes(kind) || refuseType()
  }

  const parseText = (value: unknown) => {
    if (!isTaken(value, 'string')) return
    const text = trim(value as string)
    if (refusedCharacters.test(text)) return refuse('characters')
    const { maxLength, form } = rule
    // There are never more code points than UTF-16 units.
    const codePoints = text.length > maxLength! ? [...text] : []
    const parsed = text && form ? parsers[form](text) || refuse(form) : text
    if (!codePoints[maxLength!]) return parsed
    // An email that is cut is another email; and a single grapheme may be longer than all that is allowed.
    return (
      (!form && options?.tooLong === 'truncate' && trim(truncate(codePoints, maxLength!))) ||
      refuse('max_length', `takes at most ${maxLength} characters`)
    )
  }

  const parseValue = (value: unknown) => {
    if (!isTaken(value)) return
    if (kind === 'object') return Date.prototype.toISOString.call(value)
    const isList = kind === 'list'
    if (isList || kind === 'string') {
      // An entry takes three bytes of JSON at least; without this a sparse list could keep the page busy for minutes.
      if (isList && (value as unknown[]).length > maxJsonBytes) return refuse('too_large')
      const list = isList ? (value as unknown[]) : [value]
      const parsed = new Set<string>()
      // By index: a list can have methods of its own, and old pages give all lists a `map` and a `flat` of theirs.
      for (let index = 0, { length } = list; index < length; index++) {
        const text = index in list && parseText(list[index])
        if (text) parsed.add(text)
      }
      const texts = [...parsed]
      return texts[0] && (isList || rule === tags) ? texts : texts[0]
    }
    return !isFinite(value as number) ? refuseType() : rule === customField ? value : `${value}`
  }

  check('', wholeObject, () => {
    if (!isTaken(input ?? undefined)) return
    for (const key of Object.keys(input as object)) {
      const name = trim(key)
      check(name, fields[name] ?? customField, () => {
        // Of two names that are one after trimming the first is taken, and the other reported.
        if (refusedNames.has(name) || refusedCharacters.test(name) || name in attributes)
          return refuse('name')
        // An empty text is absent too, and every field takes texts.
        const value = parseValue((input as Record<string, unknown>)[key] ?? '')
        if (value != null) attributes[name] = value as string
      })
    }
  })

  check('', wholeObject, () => {
    const json = JSON.stringify(attributes)
    if (json + Object.keys(issues) === '{}') refuse('empty')
    // A UTF-16 unit takes three bytes of UTF-8 at most, and Jest's jsdom has no `TextEncoder`.
    if (json.length * 3 > maxJsonBytes && new TextEncoder().encode(json).length > maxJsonBytes)
      refuse('too_large')
  })

  return { attributes: { ...attributes }, issues: Object.values(issues) }
}
