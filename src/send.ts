import type { Issue } from './attributes'
import type { Entry } from './entry'
import type { Result } from './types'

/** A final result, or how long to wait in ms: 0 where the relay did not say. Nothing where nothing answered. */
export type Answer = Result | number | undefined

const retryAfterMs = (value: unknown, now: number): number =>
  Math.max(0, Number(value) * 1000 || Date.parse(`${value}`) - now || 0)

/** One try of one call: the contract's table of answers. */
export const send = async (
  entry: Entry,
  json: boolean,
  keepalive: boolean,
  signal: AbortSignal,
): Promise<Answer> => {
  try {
    const url = new URL(entry.url)
    url.searchParams.set('i', entry.id)
    const response = await fetch(url, {
      method: 'POST',
      keepalive,
      signal,
      headers: {
        // To another origin only text/plain goes without a preflight. `self.origin` is "null" in a sandboxed frame.
        'Content-Type': json || url.origin === self.origin ? 'application/json' : 'text/plain;charset=UTF-8',
        ...(entry.token && { Authorization: 'Bearer ' + entry.token }),
      },
      body: entry.body,
    })
    // Read to its end: Chromium does not give keepalive quota back for an answer that nobody reads.
    const text = await response.text().catch(() => '')
    if (response.ok) return { ok: true, status: 'accepted' }
    let problem: { issues?: Issue[]; retry_after?: unknown } | undefined
    try {
      problem = JSON.parse(text)
    } catch {
      // Not every answer is a problem document: a proxy's error page is none.
    }
    if (response.status >= 500 || [408, 425, 429].includes(response.status))
      return retryAfterMs(response.headers.get('Retry-After') ?? problem?.retry_after, Date.now())
    return { ok: false, reason: 'rejected', issues: Array.isArray(problem?.issues) ? problem.issues : [] }
  } catch {
    return
  }
}
