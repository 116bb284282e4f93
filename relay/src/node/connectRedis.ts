import { Redis } from 'ioredis'

/** A server that does not answer for so long counts as away. */
const answerTimeoutMs = 3_000
const connectTimeoutMs = 5_000
const longestReconnectMs = 1_000

export interface RedisConnection {
  redis: Redis
  /** What keeps this server from being as safe as it could be, one line each. */
  warnings: string[]
}

const field = (info: string, name: string) => new RegExp(`^${name}:(\\S*)`, 'm').exec(info)?.[1]

/** Why the server cannot be used, or what to warn of. The library's own messages may hold the password: none is passed on. */
const check = async (redis: Redis): Promise<{ problem: string } | { warnings: string[] }> => {
  try {
    await redis.connect()
    // Not CONFIG: managed servers refuse it.
    const info = await redis.info()
    if (field(info, 'aof_enabled') === '0')
      return { problem: 'Redis forgets what it was given when it stops: set appendonly to yes' }
    const policy = field(info, 'maxmemory_policy')
    if (policy !== undefined && policy !== 'noeviction')
      return {
        problem: 'Redis throws things away when its memory is full: set maxmemory-policy to noeviction',
      }
  } catch {
    return { problem: 'Redis cannot be reached' }
  }
  const fsync = await redis.config('GET', 'appendfsync').then(
    (answer) => (answer as string[])[1],
    () => undefined,
  )
  return {
    warnings:
      fsync === undefined || fsync === 'always'
        ? []
        : [`Redis has appendfsync ${fsync}: when its machine loses power, the last second is lost`],
  }
}

/**
 * Connects to a Redis or Valkey server. Away later on, every command rejects at once, and the connection comes back by
 * itself.
 * @throws Error with one line where it cannot be reached, or would lose what it was given
 */
export const connectRedis = async (url: string): Promise<RedisConnection> => {
  if (!URL.canParse(url))
    throw new Error('The address of Redis must be a URL: redis://user:password@host:6379/0')
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    socketTimeout: answerTimeoutMs,
    retryStrategy: (times) => Math.min(times * 50, longestReconnectMs),
    // Fails fast, instead of keeping commands for when the server is back. What was under way when the connection broke
    // is rejected, too: whether the server has seen it is not known. 0, since BullMQ refuses any other number here.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  })
  // Each command rejects by itself; an error event that no one hears would end the process.
  redis.on('error', () => {})
  const checked = await check(redis)
  if ('warnings' in checked) return { redis, ...checked }
  redis.disconnect()
  throw new Error(checked.problem)
}
