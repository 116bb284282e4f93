/**
 * What an answer of User.com's is reduced to; the answer itself goes no further.
 * - `delivered`: done; `id` is User.com's own, where the answer held one.
 * - `exists`: refused only because the person is there already.
 * - `throttled`: over the app's limit.
 * - `later`: may work another time.
 * - `stop`: no call will work until someone repairs the configuration: the key (401, 403), a redirect, or a base
 *   where the documented path is not (404, 405, 410).
 * - `never`: these attributes will not be taken; from `updateUser`, status 404 says that the person is gone.
 */
export type Outcome =
  | { kind: 'delivered'; id?: string }
  | { kind: 'exists' }
  | { kind: 'throttled'; retryAfterMs: number }
  | { kind: 'later'; reason: 'network' | 'timeout' | 'status' | 'rubbish'; status?: number }
  | { kind: 'stop'; reason: 'key' | 'redirect' | 'path'; status: number }
  | { kind: 'never'; status: number; issues: FieldIssue[] }

/** A field that User.com refuses and why, in our codes: never its texts, never the value. */
export interface FieldIssue {
  field: string
  code: string
}

/** A look-up's answer: someone, no one, or one of the outcomes that say nothing about people. */
export type SearchOutcome =
  { kind: 'found'; id: string } | { kind: 'none' } | Exclude<Outcome, { kind: 'delivered' | 'exists' }>
