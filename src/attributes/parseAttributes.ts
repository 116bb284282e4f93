import { customField, fields, maxJsonBytes, refusedName, wholeObject } from './fields'
import { toMessage } from './messages'
import { trim } from './trim'
import { truncate } from './truncate'
import type { CleanAttributes, Issue, IssueCode, ParseOptions, ParseResult } from './types'

// With the `u` flag a surrogate matches only where its other half is missing.
const refusedCharacters = /[\0\ud800-\udfff]/u

/** The kind of a value, as `FieldRule.takes` names it. Throws for a proxy that was revoked. */
const toKind = (value: unknown) =>
  Array.isArray(value)
    ? 'list'
    : typeof value === 'number' && !isFinite(value)
      ? 'NaN or Infinity'
      : typeof value

/**
 * Trims and checks attributes as User.com would, and reports every problem, not only the first.
 *
 * Never throws, whatever `input` is, and never changes it. `undefined`, `null` and strings that are empty after trimming
 * are absent from the result. Issue codes: `type`, `email`, `max_length`, `characters`, `name`, `phone`, `empty` (nothing
 * left to send), `too_large` (over 32 KiB of JSON in UTF-8); an issue whose field is `''` is about the whole object.
 */
export function parseAttributes(input: unknown, { tooLong }: ParseOptions = {}): ParseResult {
  const attributes: CleanAttributes = {}
  const issues: Issue[] = []
  const seen = new Set<string>()
  let name = ''
  let rule = wholeObject

  const refuse = (code: Exclude<IssueCode, 'not_allowed'>, kind?: string): undefined => {
    // A name may be as long as its caller likes; an issue is not.
    issues.push({ field: name.slice(0, 64), code, message: toMessage(code, rule, kind) })
    return
  }

  const parseText = (value: string) => {
    const { maxLength, parse } = rule
    let text = trim(value)
    if (refusedCharacters.test(text)) return refuse('characters')
    if (maxLength! < [...text].length) {
      // An email that is cut is another email; and a single grapheme may be longer than all that is allowed.
      const cut = tooLong === 'truncate' && !parse && trim(truncate(text, maxLength!))
      if (cut) text = cut
      else refuse('max_length')
    }
    return (text && parse ? parse(text) || refuse(rule.code!) : text) || undefined
  }

  /** The first entry that is refused stands for its list: each further one would be the same issue again. */
  const parseList = (list: unknown[]) => {
    // An entry takes three bytes of JSON at least; without this a sparse list could keep the page busy for minutes.
    if (list.length > maxJsonBytes) return refuse('too_large')
    const before = issues.length
    const texts = new Set<string>()
    for (const item of list) {
      const text = typeof item === 'string' ? parseText(item) : refuse('type', 'list of ' + toKind(item))
      if (issues.length > before) return
      if (text) texts.add(text)
    }
    return texts.size ? [...texts] : undefined
  }

  const parseValue = (value: unknown) => {
    if (value == null) return
    const isCustom = rule === customField
    const kind = toKind(value)
    // Throws for what is no `Date`, or a `Date` that is no time.
    if (kind === 'object' && isCustom) return Date.prototype.toISOString.call(value)
    if (!rule.takes.includes(kind)) return refuse('type', kind)
    if (kind === 'list') return parseList(value as unknown[])
    if (kind === 'string') return rule.list ? parseList([value]) : parseText(value as string)
    return isCustom ? (value as number | boolean) : `${value as number}`
  }

  try {
    const kind = toKind(input)
    if (kind !== 'object') refuse('type', kind)
    else
      for (const key of Object.keys(input as object)) {
        name = trim(key)
        rule = fields[name] || customField
        // Of two names that are one after trimming, the first is taken and the other reported.
        if (refusedName.test(name) || seen.has(name) || refusedCharacters.test(name)) refuse('name')
        else
          try {
            seen.add(name)
            const value = parseValue((input as Record<string, unknown>)[key])
            if (value !== undefined) attributes[name] = value
          } catch {
            // A getter or a proxy that throws, or an object that no field takes.
            refuse('type', 'that')
          }
      }
    name = ''
    if (!issues[0]) {
      const json = JSON.stringify(attributes)
      if (json === '{}') refuse('empty')
      if (new TextEncoder().encode(json).length > maxJsonBytes) refuse('too_large')
    }
  } catch {
    refuse('type', 'that')
  }

  return { attributes, issues }
}
