import { Redis } from 'ioredis'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toAllowance } from '../src/createAllowance.js'
import { createLeases } from '../src/node/createLeases.js'
import { openRedisAllowances } from '../src/node/redisAllowance.js'
import { startRedis } from './support/redis.js'

const start = (points: number) => {
  let clock = 0
  const limiter = new RateLimiterMemory({ points, duration: 60 })
  const asked: unknown[] = []
  const consume = async (key: string, count = 1) => {
    asked.push([key, count])
    return limiter.consume(key, count)
  }
  const create = () => createLeases({ consume }, toAllowance({ consume }).take, points, () => clock)
  return { create, asked, pass: (ms: number) => (clock += ms) }
}

describe('leases of a large allowance', () => {
  it('ask for a thousandth at a time, also for many calls at once', async () => {
    const { create, asked } = start(5_000)
    const { take } = create()
    expect(await Promise.all(Array.from({ length: 8 }, () => take('a')))).toEqual(Array(8).fill(0))
    expect(asked.slice(0, 1)).toEqual([['a', 5]])
    expect(asked.length).toBeLessThanOrEqual(4)
    await take('b')
    expect(asked.at(-1)).toEqual(['b', 5])
  })

  it('give out no more than all together may have', async () => {
    const { create } = start(3_000)
    const [one, two] = [create(), create()]
    let taken = 0
    let waitSeconds = 0
    for (let n = 0; n < 3_100; n += 1) {
      const answer = await (n % 2 ? one : two).take('a')
      if (answer) waitSeconds = answer
      else taken += 1
    }
    expect(taken).toBeLessThanOrEqual(3_000)
    expect(taken).toBeGreaterThanOrEqual(2_990)
    expect(waitSeconds).toBeGreaterThan(0)
  })

  it('end with the time that they are for', async () => {
    const { create, asked, pass } = start(5_000)
    const { take } = create()
    await take('a')
    pass(60_001)
    await take('a')
    expect(asked).toEqual([
      ['a', 5],
      ['a', 5],
    ])
  })

  it('leave a small allowance as exact as it is', async () => {
    const { create, asked } = start(60)
    const { take } = create()
    for (let n = 0; n < 60; n += 1) expect(await take('a')).toBe(0)
    expect(await take('a')).toBeGreaterThan(0)
    expect(asked[0]).toEqual(['a', 1])
  })
})

describe('allowances in Redis', () => {
  it('have no address in the names of their keys', async () => {
    const server = await startRedis()
    const { create, close } = await openRedisAllowances(server.url)
    const redis = new Redis(server.url)
    onTestFinished(async () => {
      close()
      redis.disconnect()
      await server.stop()
    })
    expect(await create('client', { points: 60, seconds: 60 }).take('198.51.100.1')).toBe(0)
    const names = await redis.keys('*')
    expect(names).toHaveLength(2)
    expect(names.join('\n')).not.toContain('198.51')
  })
})
