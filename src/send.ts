import { PREFIX, type Entry } from './entry'
import { accepted, refuse } from './result'
import { toAddress } from './toAddress'
import type { Result } from './types'

/**
 * What one try came to: a final result; how long the relay wants to be left alone, in ms (`NaN` where it does not say);
 * nothing where nothing answered.
 */
export type Answer = Result | number | undefined

/** The relay may wait 10 s for User.com, plus the way there and back. */
const LIMIT_MS = 12_000

/** One try of one call: the contract's table of answers. */
export const send = async (entry: Entry, type: string, keepalive: boolean): Promise<Answer> => {
  try {
    const response = await fetch(toAddress(entry.url, entry.key.slice(PREFIX.length)), {
      method: 'POST',
      keepalive,
      // No timer of ours, which hidden pages hold back. Browsers of before 2023 lack it and have their own, longer limit.
      signal: AbortSignal.timeout?.(LIMIT_MS),
      headers: { 'Content-Type': type, ...(entry.token && { Authorization: 'Bearer ' + entry.token }) },
      body: entry.body,
    })
    // Reads it to its end, JSON or not: Chromium gives no keepalive quota back for an answer that nobody reads.
    const problem = await response.json().catch(() => {})
    if (response.ok) return accepted
    if (!/408|42[59]|5../.test(`${response.status}`))
      return refuse('rejected', Array.isArray(problem?.issues) ? problem.issues : [])
    const wait = response.headers.get('Retry-After') ?? problem?.retry_after
    return wait * 1000 || Date.parse(wait) - Date.now()
  } catch {
    return
  }
}
