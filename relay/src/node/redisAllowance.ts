import { createHmac } from 'node:crypto'
import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { CreateAllowance } from '../createAllowance.js'
import { toAllowance } from '../createAllowance.js'
import { connectRedis } from './connectRedis.js'
import { createLeases } from './createLeases.js'
import { readRedisSalt } from './readRedisSalt.js'

/**
 * Allowances that all instances on one Redis share. While Redis is away each instance goes by its own count: who may call must
 * not depend on it.
 * @param salt hashes addresses, so that none is in the name of a key
 */
export const redisAllowance =
  (redis: Redis, salt: string): CreateAllowance =>
  (name, { points, seconds }) => {
    const limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `{usercom-relay}:allowance:${name}`,
      points,
      duration: seconds,
      // Who is over it is refused without asking Redis again.
      inMemoryBlockOnConsumed: points + 1,
      insuranceLimiter: new RateLimiterMemory({ points, duration: seconds }),
    })
    const { take } = createLeases(limiter, toAllowance(limiter).take, points)
    return { take: (key) => take(createHmac('sha256', salt).update(key).digest('base64url')) }
  }

/** The same on a connection of its own. */
export const openRedisAllowances = async (
  url: string,
): Promise<{ create: CreateAllowance; close(): void }> => {
  const { redis } = await connectRedis(url)
  const salt = await readRedisSalt(redis)
  return { create: redisAllowance(redis, salt), close: () => redis.disconnect() }
}
