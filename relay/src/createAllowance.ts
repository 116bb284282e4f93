import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js'

/** So many points in so many seconds for each key; several instances may share one through Redis. */
export interface Allowance {
  /** Takes a point: 0 when there was one, else the seconds to wait. */
  take(key: string): Promise<number>
}

export interface AllowanceOptions {
  points: number
  seconds: number
}

/** Makes an allowance; `name` keeps apart those that share a store. */
export type CreateAllowance = (name: string, options: AllowanceOptions) => Allowance

/** An allowance kept by a limiter of rate-limiter-flexible, which rejects with how long to wait. */
export const toAllowance = (limiter: { consume(key: string): Promise<unknown> }): Allowance => ({
  take: async (key) => {
    try {
      await limiter.consume(key)
      return 0
    } catch (refusal) {
      const { msBeforeNext = 1_000 } = refusal as { msBeforeNext?: number }
      return Math.max(1, Math.ceil(msBeforeNext / 1_000))
    }
  },
})

/** An allowance of one process. A key's entry goes with its seconds, so what is held is bounded by the traffic in them. */
export const createAllowance: CreateAllowance = (_name, { points, seconds }) =>
  toAllowance(new RateLimiterMemory({ points, duration: seconds }))
