import type { Entry } from './entry'
import { toAddress } from './toAddress'
import type { Result } from './types'

/**
 * What one try came to: a final result; how long the relay wants to be left alone, in ms (`NaN` where it does not say);
 * nothing where nothing answered.
 */
export type Answer = Result | number | undefined

/** One try of one call: the contract's table of answers. */
export const send = async (
  entry: Entry,
  json: boolean,
  keepalive: boolean,
  signal: AbortSignal,
): Promise<Answer> => {
  try {
    const response = await fetch(toAddress(entry.url, entry.id), {
      method: 'POST',
      keepalive,
      signal,
      headers: {
        // To another origin only text/plain goes without a preflight. `self.origin` is "null" in a sandboxed frame.
        'Content-Type':
          json || new URL(entry.url).origin === self.origin ? 'application/json' : 'text/plain;charset=UTF-8',
        ...(entry.token && { Authorization: 'Bearer ' + entry.token }),
      },
      body: entry.body,
    })
    // Reads it to its end, JSON or not: Chromium gives no keepalive quota back for an answer that nobody reads.
    const problem = await response.json().catch(() => {})
    if (response.ok) return { ok: true, status: 'accepted' }
    if (!/408|425|429|5../.test(`${response.status}`))
      return { ok: false, reason: 'rejected', issues: [].concat(problem?.issues ?? []) }
    const wait = response.headers.get('Retry-After') ?? problem?.retry_after
    return wait * 1000 || Date.parse(wait) - Date.now()
  } catch {
    return
  }
}
