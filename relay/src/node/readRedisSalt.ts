import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'

const name = '{usercom-relay}:salt'

/** What people and addresses are hashed with before they are in the names of keys: made once for a database. */
export const readRedisSalt = async (redis: Redis): Promise<string> => {
  await redis.set(name, randomUUID(), 'NX')
  return (await redis.get(name)) ?? ''
}
