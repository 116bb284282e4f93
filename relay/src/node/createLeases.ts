import type { Allowance } from '../createAllowance.js'

/** The part of a limiter of rate-limiter-flexible that is used: it rejects with how long to wait. */
export interface Limiter {
  consume(key: string, points?: number): Promise<{ msBeforeNext: number }>
}

interface Lease {
  left: number
  until: number
}

/** So many leases are remembered; the oldest are given up first, and with them what was left of them. */
const maxLeases = 10_000

/**
 * Takes the points of a large allowance from its shared limiter a thousandth at a time, so that most calls ask no one.
 * An instance that stops leaves a thousandth unused.
 */
export const createLeases = (
  limiter: Limiter,
  take: Allowance['take'],
  points: number,
  now: () => number = () => Date.now(),
): Allowance => {
  const portion = Math.floor(points / 1_000)
  if (portion < 2) return { take }
  const leases = new Map<string, Lease>()
  const asking = new Map<string, Promise<void>>()

  const ask = async (key: string) => {
    try {
      const { msBeforeNext } = await limiter.consume(key, portion)
      leases.delete(key)
      leases.set(key, { left: portion, until: now() + msBeforeNext })
      for (const oldest of leases.keys()) {
        if (leases.size <= maxLeases) break
        leases.delete(oldest)
      }
    } catch {
      // A whole portion is not to be had any more; the caller asks for a single point.
      leases.delete(key)
    } finally {
      asking.delete(key)
    }
  }

  const takeLeased = (key: string): boolean => {
    const lease = leases.get(key)
    if (!lease || lease.left < 1 || lease.until <= now()) return false
    lease.left -= 1
    return true
  }

  return {
    take: async (key) => {
      if (takeLeased(key)) return 0
      const answer = asking.get(key) ?? ask(key)
      asking.set(key, answer)
      await answer
      return takeLeased(key) ? 0 : take(key)
    },
  }
}
