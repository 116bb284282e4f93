import type { Claim, Reason } from './outbox.js'
import type { Outcome } from './outcome.js'

/** What becomes of a job in its outbox. */
export type Settlement =
  | { as: 'delivered' }
  /** `counted`: it used up an attempt, which lengthens the next back-off. */
  | { as: 'again'; at: number; counted: boolean }
  | { as: 'dead'; reason: Reason }

export interface SettlementOptions {
  /** What could not be delivered for so long is buried. */
  maxAgeMs: number
  now: () => number
  random: () => number
}

/** An hour without User.com is some fifteen attempts for each job, and then five minutes at most until the next. */
const backOff = { firstMs: 1_000, longestMs: 300_000 }

/** The one table: which outcomes end a job, and which of the others are an attempt. */
const handling: Record<Outcome['kind'], 'delivered' | 'again' | 'again, counted' | 'dead'> = {
  delivered: 'delivered',
  exists: 'delivered',
  throttled: 'again',
  later: 'again, counted',
  stop: 'again',
  never: 'dead',
}

export const toSettlement = (
  outcome: Outcome,
  { attempts, addedAt }: Claim,
  { maxAgeMs, now, random }: SettlementOptions,
): Settlement => {
  const handled = handling[outcome.kind]
  const status = 'status' in outcome && outcome.status !== undefined ? { status: outcome.status } : {}
  if (handled === 'delivered') return { as: 'delivered' }
  if (handled === 'dead')
    return {
      as: 'dead',
      reason: { code: 'refused', ...status, issues: outcome.kind === 'never' ? outcome.issues : [] },
    }
  // At its old place, the first again: it was not its turn's fault.
  if (handled === 'again') return { as: 'again', at: addedAt, counted: false }
  if (now() - addedAt > maxAgeMs) return { as: 'dead', reason: { code: 'expired', ...status, issues: [] } }
  const delayMs = random() * Math.min(backOff.longestMs, backOff.firstMs * 2 ** attempts)
  return { as: 'again', at: now() + delayMs, counted: true }
}
