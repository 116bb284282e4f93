import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { redisOutbox } from '../src/node/redisOutbox.js'
import type { Claim, Outbox, OutboxOptions } from '../src/outbox.js'
import { createJob, describeOutbox } from './outbox.suite.js'
import type { RedisServer } from './support/redis.js'
import { startRedis } from './support/redis.js'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

let lastDatabase = 0
/** An empty one: there are sixteen, as many as a server has unless it is told otherwise. */
const createUrl = async () => {
  const url = `${server.url}/${lastDatabase++ % 16}`
  const redis = new Redis(url)
  await redis.flushdb()
  redis.disconnect()
  return url
}

describeOutbox({
  name: 'redis',
  durable: true,
  clock: false,
  start: async () => {
    const url = await createUrl()
    return { open: (options) => redisOutbox(url, options), stop: async () => {} }
  },
})

const open = async (url: string, options?: OutboxOptions): Promise<Outbox> => {
  const outbox = await redisOutbox(url, options)
  onTestFinished(() => outbox.close())
  return outbox
}
const never = new AbortController().signal
const claimNext = async (outbox: Outbox): Promise<Claim> => {
  for (;;) {
    const claim = await outbox.claim()
    if (claim) return claim
    await outbox.wait(never)
  }
}

describe('the Redis outbox', () => {
  it.each([
    ['stand still', 0],
    ['are an hour apart', 3_600_000],
  ])('keeps the jobs of one person in order, whoever drains, where clocks %s', async (_, aheadMs) => {
    const url = await createUrl()
    const startedAt = Date.now()
    const a = await open(url, { now: () => startedAt })
    const b = await open(url, { now: () => startedAt + aheadMs })
    const email = 'same@example.org'
    const jobs = Array.from({ length: 6 }, (_, n) => createJob({ email, turn: n }))
    for (const [n, job] of jobs.entries()) await (n % 2 ? a : b).add(job)

    const seen: unknown[] = []
    for (let n = 0; n < jobs.length; n += 1) {
      const [first, second] = n % 2 ? [a, b] : [b, a]
      const claim = await claimNext(first)
      expect(await second.claim()).toBeUndefined()
      seen.push(claim.job.attributes['turn'])
      await first.deliver(claim)
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5])
    expect(await a.stats()).toEqual({ waiting: 0, dead: 0 })
  })

  it('holds back what comes after a job that was put back', async () => {
    const url = await createUrl()
    const outbox = await open(url)
    const email = 'same@example.org'
    const [first, second, other] = [createJob({ email }), createJob({ email }), createJob()]
    for (const job of [first, second, other]) await outbox.add(job)
    const claim = await claimNext(outbox)
    await outbox.putBack(claim, { at: Date.now() + 1_500, counted: true })
    expect((await claimNext(outbox)).job).toEqual(other)
    expect(await outbox.claim()).toBeUndefined()
    const again = await claimNext(outbox)
    expect(again).toMatchObject({ job: first, attempts: 1 })
    await outbox.deliver(again)
    expect((await claimNext(outbox)).job).toEqual(second)
  })

  it('lets what was not due to a fault of its own be the first again', async () => {
    const outbox = await open(await createUrl())
    const jobs = [createJob(), createJob(), createJob()]
    for (const job of jobs) await outbox.add(job)
    const claim = await claimNext(outbox)
    await outbox.putBack(claim, { at: claim.addedAt, counted: false })
    expect((await claimNext(outbox)).job).toEqual(jobs[0])
  })

  it('has no personal data in the names of keys, and none at all once a job is delivered', async () => {
    const url = await createUrl()
    const outbox = await open(url)
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    const attributes = { email: 'someone.private@example.org', first_name: 'Zsófia' }
    const jobs = [createJob(attributes), createJob(attributes, 'not-a-uuid'), createJob(attributes, '4711')]
    for (const job of jobs) expect(await outbox.add(job)).toBe('stored')
    await outbox.remember('hash', '7')
    const names = async () => (await redis.keys('*')).join('\n')
    const all = await names()
    expect(all).toContain(jobs[0]?.i)
    expect(all).not.toMatch(/someone|private|not-a-uuid/i)
    expect(all.split('\n').every((name) => name.startsWith('{usercom-relay}:'))).toBe(true)

    for (let n = 0; n < 3; n += 1) await outbox.deliver(await claimNext(outbox))
    const held = await Promise.all(
      (await redis.keys('*')).map(async (name) => (await redis.dumpBuffer(name))?.toString('latin1')),
    )
    expect(held.join('\n') + (await names())).not.toMatch(/someone|private|Zs/i)
  })

  it('shares the slots, the pause and the pace among all', async () => {
    const url = await createUrl()
    const [a, b] = [
      await redisOutbox(url, { upstreamPerSecond: 4 }),
      await redisOutbox(url, { upstreamPerSecond: 4 }),
    ]
    onTestFinished(async () => void (await Promise.all([a.close(), b.close()])))
    const slots = await Promise.all([a, b, a, b].map(({ pace }) => pace.take(never)))
    let isTaken = false
    const abort = new AbortController()
    const fifth = b.pace.take(abort.signal).then((slot) => {
      isTaken = slot !== undefined
    })
    slots[0]?.unused()
    await vi.waitUntil(() => isTaken, { timeout: 10_000 })
    await fifth

    const waiting = a.pace.take(abort.signal)
    abort.abort()
    expect(await waiting).toBeUndefined()
    expect(await a.pace.take(abort.signal)).toBeUndefined()

    slots[1]?.answered()
    const answeredAt = performance.now()
    slots[1]?.unused()
    const next = await a.pace.take(never)
    expect(performance.now() - answeredAt).toBeGreaterThanOrEqual(1_000)
    next?.unused()

    await a.pace.slowDown()
    await b.pace.slowDown()
    expect((await b.pace.state()).slots).toBe(2)
    await a.pace.pause(Date.now() + 3_600_000)
    expect((await b.pace.state()).pausedUntil).toBeGreaterThan(Date.now() + 3_000_000)
    await a.pace.pause(Date.now() + 1_000)
    expect((await b.pace.state()).pausedUntil).toBeGreaterThan(Date.now() + 3_000_000)
  })

  it.each([
    [['--appendonly', 'no'], /appendonly/],
    [['--appendonly', 'yes', '--maxmemory-policy', 'allkeys-lru'], /maxmemory-policy/],
  ])('refuses a server with %j, which would lose what it was given', async (options, message) => {
    const forgetful = await startRedis(options)
    onTestFinished(() => forgetful.stop())
    await expect(redisOutbox(forgetful.url)).rejects.toThrow(message)
  })

  it('says so where there is a second to lose, and takes it all the same', async () => {
    const lazy = await startRedis(['--appendonly', 'yes', '--appendfsync', 'everysec'])
    const warnings: string[] = []
    const outbox = await redisOutbox(lazy.url, { onWarning: (message) => warnings.push(message) })
    expect(warnings).toEqual([expect.stringContaining('appendfsync everysec')])
    await outbox.close()
    await lazy.stop()
  })

  it('says in one line that there is no server, without its address', async () => {
    const gone = await startRedis()
    await gone.stop()
    const error = await redisOutbox(gone.url.replace('//', '//user:pass-word@')).catch(
      (thrown: unknown) => thrown,
    )
    expect(String(error)).toBe('Error: Redis cannot be reached')
  })

  it('says in one line that an address is none, without its password', async () => {
    const error = await redisOutbox('redis://:pass-word@127.0.0.1:port/0').catch((thrown: unknown) => thrown)
    expect(String(error)).toMatch(/^Error: The address of Redis must be a URL/)
    expect(String(error)).not.toContain('pass-word')
  })

  it('fails at once while the server is away, and goes on when it is back', async () => {
    const own = await startRedis()
    onTestFinished(() => own.stop())
    const outbox = await open(own.url)
    const job = createJob()
    await outbox.add(job)
    const claim = await claimNext(outbox)
    await own.kill()
    for (const attempt of [
      () => outbox.add(createJob()),
      () => outbox.claim(),
      () => outbox.stats(),
      () => outbox.deliver(claim),
      () => outbox.dead(),
      () => outbox.recall('hash'),
    ])
      await expect(attempt()).rejects.toThrow()
    await own.restart()
    await vi.waitUntil(() => outbox.stats().catch(() => undefined), { timeout: 20_000 })
    expect(await outbox.add(job)).toBe('known')
    await outbox.deliver(claim)
    expect(await outbox.stats()).toEqual({ waiting: 0, dead: 0 })
    expect(await outbox.add(job)).toBe('known')
  })

  it('does not hang where the server is there and says nothing', async () => {
    const own = await startRedis()
    onTestFinished(() => own.stop())
    const outbox = await open(own.url)
    own.freeze()
    await expect(outbox.add(createJob())).rejects.toThrow()
    own.thaw()
    await vi.waitUntil(() => outbox.stats().catch(() => undefined), { timeout: 20_000 })
    expect(await outbox.add(createJob())).toBe('stored')
  })
})
