import { afterAll, beforeAll } from 'vitest'
import { redisOutbox } from '../src/node/redisOutbox.js'
import { describeOutbox } from './outbox.suite.js'
import type { RedisServer } from './support/redis.js'
import { startRedis } from './support/redis.js'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

let lastDatabase = 0

describeOutbox({
  name: 'redis',
  durable: true,
  clock: false,
  start: async () => {
    // Sixteen databases, as many as the server has unless it is told otherwise.
    const url = `${server.url}/${lastDatabase++ % 16}`
    return { open: (options) => redisOutbox(url, options), stop: async () => {} }
  },
})
