import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { CreateAllowance } from '../createAllowance.js'
import { toAllowance } from '../createAllowance.js'
import { connectRedis } from './connectRedis.js'

/**
 * Allowances that all instances on one Redis share. While Redis is away each instance goes by its own count: who may call must
 * not depend on it.
 */
export const redisAllowance =
  (redis: Redis): CreateAllowance =>
  (name, { points, seconds }) =>
    toAllowance(
      new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: `{usercom-relay}:allowance:${name}`,
        points,
        duration: seconds,
        // Who is over it is refused without asking Redis again.
        inMemoryBlockOnConsumed: points + 1,
        insuranceLimiter: new RateLimiterMemory({ points, duration: seconds }),
      }),
    )

/** The same on a connection of its own. */
export const openRedisAllowances = async (
  url: string,
): Promise<{ create: CreateAllowance; close(): void }> => {
  const { redis } = await connectRedis(url)
  return { create: redisAllowance(redis), close: () => redis.disconnect() }
}
