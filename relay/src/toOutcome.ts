import type { FieldIssue, Outcome, SearchOutcome } from './outcome.js'

/** User.com's answer, as far as it was read. `body` is `undefined` where it was no JSON, `tooLong` where it was cut. */
export interface Answer {
  status: number
  retryAfter: string | null
  body: unknown
}
export const tooLong = Symbol('a JSON answer over the limit')

/** The texts of Django REST Framework's checks, which User.com's API is built on, and the code that each stands for. */
const codes: readonly (readonly [RegExp, string])[] = [
  [/already|must be unique/i, 'exists'],
  [/valid e-?mail/i, 'email'],
  [/no more than \d+ characters|too long/i, 'max_length'],
  [/phone/i, 'phone'],
  [/null characters|surrogate/i, 'characters'],
  [/may not be (?:blank|null|empty)|is required/i, 'empty'],
  [/not a valid|a valid (?:integer|number|string|boolean|date)|wrong format|expected a/i, 'type'],
]
const otherCode = 'not_allowed'
const maxIssues = 20
const maxFieldLength = 100
const longestPauseMs = 3_600_000

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `id` as User.com gives it: a number, or a string of digits. */
const toUserId = (value: unknown): string | undefined => {
  const id = isRecord(value) && Object.hasOwn(value, 'id') ? value.id : undefined
  return (typeof id === 'number' && Number.isSafeInteger(id)) ||
    (typeof id === 'string' && /^\d{1,20}$/.test(id))
    ? String(id)
    : undefined
}

const toTexts = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : (Array.isArray(value) ? value : []).filter((text): text is string => typeof text === 'string')

const toIssues = (body: Record<string, unknown>): FieldIssue[] =>
  Object.entries(body)
    .filter(([field]) => field !== 'detail' && field.length <= maxFieldLength)
    .slice(0, maxIssues)
    .map(([field, value]) => {
      const texts = toTexts(value)
      const known = codes.find(([pattern]) => texts.some((text) => pattern.test(text)))
      return { field, code: known ? known[1] : otherCode }
    })

const toRetryAfterMs = (header: string | null): number => {
  const seconds = Number(header ?? '1')
  return Math.min(longestPauseMs, Math.max(1_000, Number.isFinite(seconds) ? seconds * 1_000 : 1_000))
}

/** What no call can help: the same for every path. `undefined`: it depends on the call. */
const toCommonOutcome = ({
  status,
  retryAfter,
  body,
}: Answer): Exclude<Outcome, { kind: 'delivered' | 'exists' }> | undefined => {
  if (status === 429) return { kind: 'throttled', retryAfterMs: toRetryAfterMs(retryAfter) }
  if (status === 401 || status === 403) return { kind: 'stop', reason: 'key', status }
  // Status 0 is a redirect that the runtime hides.
  if (status === 0 || (status >= 300 && status < 400)) return { kind: 'stop', reason: 'redirect', status }
  if (status === 408 || status === 425 || status >= 500) return { kind: 'later', reason: 'status', status }
  // 404 may come from a proxy's own page; every other answer of User.com's is JSON.
  if (body === undefined && status !== 404 && status !== 405)
    return { kind: 'later', reason: 'rubbish', status }
  return undefined
}

/** The one table of what User.com's answers to a write mean. `pathExists`: whether the path needs no one to be there. */
export const toOutcome = (answer: Answer, pathExists: boolean): Outcome => {
  const common = toCommonOutcome(answer)
  if (common) return common
  const { status, body } = answer
  if (status < 300) {
    if (body === tooLong) return { kind: 'delivered' }
    const id = toUserId(body)
    return id === undefined ? { kind: 'later', reason: 'rubbish', status } : { kind: 'delivered', id }
  }
  if (status === 405 || (pathExists && (status === 404 || status === 410)))
    return { kind: 'stop', reason: 'path', status }
  const issues = isRecord(body) ? toIssues(body) : []
  const isExisting = status === 409 || (issues.length > 0 && issues.every(({ code }) => code === 'exists'))
  return isExisting ? { kind: 'exists' } : { kind: 'never', status, issues }
}

const isNoOne = (body: unknown): boolean => {
  if (body === null) return true
  if (typeof body !== 'object') return false
  const { users, results } = body as { users?: unknown; results?: unknown }
  const list = Array.isArray(body) ? body : (users ?? results ?? Object.keys(body))
  return Array.isArray(list) && list.length === 0
}

/** What the answer to a look-up means. How "no one" is said is not documented: these are the plausible ways. */
export const toSearchOutcome = (answer: Answer): SearchOutcome => {
  const common = toCommonOutcome(answer)
  if (common) return common
  const { status, body } = answer
  if (status === 404 || status === 405) return { kind: 'none' }
  if (status >= 300) return { kind: 'never', status, issues: [] }
  const id = toUserId(Array.isArray(body) ? body[0] : body)
  if (id !== undefined) return { kind: 'found', id }
  return isNoOne(body) ? { kind: 'none' } : { kind: 'later', reason: 'rubbish', status }
}
