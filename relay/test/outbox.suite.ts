import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../src/job.js'
import type { Claim, Outbox, OutboxOptions } from '../src/outbox.js'

/** One engine, as the suite sees it. */
export interface OutboxEngine {
  name: string
  /** What is stored outlives the process and is shared by all who open it. */
  durable: boolean
  /** Takes the clock it is given: what lasts a day can be tested. */
  clock: boolean
  /** A new, empty place; `open` may be called again and again, all share the place. */
  start(): Promise<{ open(options?: OutboxOptions): Promise<Outbox>; stop(): Promise<void> }>
}

export const createJob = (attributes: Job['attributes'] = {}, i: string = randomUUID()): Job => ({
  i,
  attributes: { email: `${randomUUID()}@example.org`, ...attributes },
  verified: false,
})

const never = new AbortController().signal
const dayMs = 24 * 3_600_000

/** Waits as the worker does. */
const claimNext = async (outbox: Outbox): Promise<Claim> => {
  for (;;) {
    const claim = await outbox.claim()
    if (claim) return claim
    await outbox.wait(never)
  }
}

const claimAll = async (outbox: Outbox): Promise<Claim[]> => {
  const claims: Claim[] = []
  for (let claim = await outbox.claim(); claim; claim = await outbox.claim()) claims.push(claim)
  return claims
}

/** The contract of `Outbox`, for every engine. */
export const describeOutbox = (engine: OutboxEngine): void => {
  const onlyDurable = it.skipIf(!engine.durable)
  const onlyClock = it.skipIf(!engine.clock)
  const lacks = [!engine.durable && 'what outlives a process', !engine.clock && 'what lasts a day'].filter(
    Boolean,
  )

  describe(`outbox: ${engine.name}${lacks.length ? ` (skips ${lacks.join(' and ')}: it has none)` : ''}`, () => {
    let place: Awaited<ReturnType<OutboxEngine['start']>>
    let opened: Outbox[]
    let clock: number

    const open = async (options: OutboxOptions = {}) => {
      const outbox = await place.open({ now: () => clock, ...options })
      opened.push(outbox)
      return outbox
    }

    beforeEach(async () => {
      clock = Date.now()
      opened = []
      place = await engine.start()
    })
    afterEach(async () => {
      await Promise.all(opened.map((outbox) => outbox.close()))
      await place.stop()
    })

    it('hands out what was added, unchanged and oldest first', async () => {
      const outbox = await open()
      const jobs = Array.from({ length: 20 }, (_, n) =>
        createJob({ first_name: `Zoë 🦊 ${n}`, tags: ['new', '"quoted"'], age: n, vip: true }),
      )
      for (const job of jobs) expect(await outbox.add(job)).toBe('stored')
      const claims = await claimAll(outbox)
      expect(claims.map(({ job }) => job)).toEqual(jobs)
      expect(new Set(claims.map(({ id }) => id)).size).toBe(20)
      expect(claims.every(({ attempts }) => attempts === 0)).toBe(true)
      expect(await outbox.claim()).toBeUndefined()
    })

    it('stores the adds of one turn, and says for each how it went', async () => {
      const outbox = await open()
      const twice = createJob()
      const outcomes = await Promise.all(
        [twice, createJob(), twice, createJob()].map((job) => outbox.add(job)),
      )
      expect(outcomes).toEqual(['stored', 'stored', 'known', 'stored'])
      expect((await outbox.stats()).waiting).toBe(3)
    })

    it('takes the same `i` once: while it waits, when it is delivered and when it is buried', async () => {
      const outbox = await open()
      const [first, second] = [createJob(), createJob()]
      await outbox.add(first)
      expect(await outbox.add({ ...second, i: first.i })).toBe('known')
      await outbox.deliver(await claimNext(outbox))
      expect(await outbox.add(first)).toBe('known')
      await outbox.add(second)
      await outbox.bury(await claimNext(outbox), { code: 'refused', issues: [] })
      expect(await outbox.add(second)).toBe('known')
      expect(await outbox.claim()).toBeUndefined()
    })

    onlyClock('knows an `i` and a person for a day', async () => {
      const outbox = await open()
      const job = createJob()
      await outbox.add(job)
      await outbox.deliver(await claimNext(outbox))
      await outbox.remember('hash', '7')
      clock += dayMs - 1_000
      await outbox.prune()
      expect(await outbox.add(job)).toBe('known')
      expect(await outbox.recall('hash')).toBe('7')
      clock += 2_000
      expect(await outbox.recall('hash')).toBeUndefined()
      await outbox.prune()
      expect(await outbox.add(job)).toBe('stored')
    })

    it('is full at its bound, claimed jobs included, and takes more when there is room', async () => {
      const outbox = await open({ maxEntries: 3 })
      const jobs = [createJob(), createJob(), createJob()]
      for (const job of jobs) await outbox.add(job)
      const claim = await claimNext(outbox)
      const refused = createJob()
      expect(await outbox.add(refused)).toBe('full')
      expect(await outbox.add(jobs[0] as Job)).toBe('known')
      await outbox.deliver(claim)
      expect(await outbox.add(refused)).toBe('stored')
      expect(await outbox.add(createJob())).toBe('full')
    })

    it('never hands out two jobs of one person at once, and keeps their order', async () => {
      const outbox = await open()
      const email = `${randomUUID()}@example.org`
      const same = [email, ` ${email.toUpperCase()} `, email].map((spelling) =>
        createJob({ email: spelling }),
      )
      const other = createJob()
      for (const job of [...same, other]) await outbox.add(job)

      const order: string[] = []
      const [a, b] = [await claimNext(outbox), await claimNext(outbox)]
      expect([a.job.i, b.job.i].sort()).toEqual([same[0]?.i, other.i].sort())
      expect(await outbox.claim()).toBeUndefined()
      await outbox.deliver(a)
      await outbox.deliver(b)
      for (let n = 1; n < 3; n += 1) {
        const claim = await claimNext(outbox)
        order.push(claim.job.i)
        expect(await outbox.claim()).toBeUndefined()
        if (n === 1) await outbox.bury(claim, { code: 'refused', issues: [] })
        else await outbox.deliver(claim)
      }
      expect(order).toEqual([same[1]?.i, same[2]?.i])
      expect((await outbox.stats()).waiting).toBe(0)
    })

    it('hands out jobs of no one in particular side by side', async () => {
      const outbox = await open()
      for (let n = 0; n < 3; n += 1)
        await outbox.add({ i: randomUUID(), attributes: { first_name: 'John' }, verified: false })
      expect(await claimAll(outbox)).toHaveLength(3)
    })

    it('keeps a job that was put back until it is due, and counts its attempts', async () => {
      const outbox = await open()
      const job = createJob()
      await outbox.add(job)
      await outbox.putBack(await claimNext(outbox), { at: clock - 1, counted: true })
      const second = await claimNext(outbox)
      expect(second).toMatchObject({ job, attempts: 1 })
      await outbox.putBack(second, { at: clock - 1, counted: false })
      const third = await claimNext(outbox)
      expect(third.attempts).toBe(1)
      await outbox.putBack(third, { at: clock + 3_600_000, counted: true })
      expect(await outbox.claim()).toBeUndefined()
      expect((await outbox.stats()).waiting).toBe(1)
    })

    it('ends a wait when something is added, and when the signal is aborted', async () => {
      const outbox = await open()
      const added = outbox.wait(never)
      await outbox.add(createJob())
      await added
      await claimNext(outbox)
      const abort = new AbortController()
      const aborted = outbox.wait(abort.signal)
      abort.abort()
      await aborted
      await outbox.wait(abort.signal)
    })

    it('lists the dead with their reason, and lets them wait again', async () => {
      const outbox = await open()
      const jobs = [createJob(), createJob(), createJob()]
      const reason = { code: 'refused' as const, status: 400, issues: [{ field: 'email', code: 'invalid' }] }
      for (const job of jobs) await outbox.add(job)
      for (let n = 0; n < 3; n += 1) {
        const claim = await claimNext(outbox)
        await outbox.putBack(claim, { at: clock - 1, counted: true })
        await outbox.bury(await claimNext(outbox), reason)
      }
      const dead = await outbox.dead()
      expect(dead.map(({ i }) => i).sort()).toEqual(jobs.map(({ i }) => i).sort())
      expect(dead[0]?.reason).toEqual(reason)
      expect(Math.abs((dead[0]?.at ?? 0) - clock)).toBeLessThan(60_000)
      expect(await outbox.stats()).toEqual({ waiting: 0, dead: 3 })

      const [first, ...others] = dead.map(({ id }) => id) as [string, string, string]
      expect(await outbox.requeue([first, 'unknown', first])).toBe(1)
      expect(await outbox.stats()).toMatchObject({ waiting: 1, dead: 2 })
      const again = await claimNext(outbox)
      expect(again).toMatchObject({ attempts: 0, job: jobs.find(({ i }) => i === dead[0]?.i) })
      await outbox.deliver(again)
      expect(await outbox.requeue(others)).toBe(2)
      expect(await outbox.dead()).toEqual([])
      expect((await outbox.stats()).waiting).toBe(2)
    })

    onlyClock('drops dead letters after 30 days, and says how many', async () => {
      const outbox = await open()
      await outbox.add(createJob())
      await outbox.bury(await claimNext(outbox), { code: 'expired', issues: [] })
      clock += 29 * dayMs
      expect(await outbox.prune()).toBe(0)
      clock += 2 * dayMs
      expect(await outbox.prune()).toBe(1)
      expect(await outbox.dead()).toEqual([])
    })

    it('says how many wait and since when', async () => {
      const outbox = await open()
      expect(await outbox.stats()).toEqual({ waiting: 0, dead: 0 })
      await outbox.add(createJob())
      clock += 5_000
      await outbox.add(createJob())
      const { waiting, oldestAt } = await outbox.stats()
      expect(waiting).toBe(2)
      expect(Math.abs((oldestAt ?? 0) - (clock - 5_000))).toBeLessThan(4_000)
    })

    it('remembers people by their hash', async () => {
      const outbox = await open()
      expect(await outbox.recall('a')).toBeUndefined()
      await outbox.remember('a', '1')
      await outbox.remember('b', '2')
      await outbox.remember('a', '3')
      expect(await outbox.recall('a')).toBe('3')
      await outbox.forget('a')
      expect(await outbox.recall('a')).toBeUndefined()
      expect(await outbox.recall('b')).toBe('2')
    })

    it('can be closed twice', async () => {
      const outbox = await open()
      await outbox.close()
      await outbox.close()
    })

    onlyDurable('keeps everything when it is closed and opened again', async () => {
      const before = await open()
      const [claimed, delivered, waiting, buried] = [createJob(), createJob(), createJob(), createJob()]
      for (const job of [delivered, buried, claimed, waiting]) await before.add(job)
      await before.deliver(await claimNext(before))
      await before.bury(await claimNext(before), { code: 'refused', issues: [] })
      await claimNext(before)
      await before.remember('hash', '7')
      await before.close()

      const after = await open()
      expect(await after.stats()).toMatchObject({ waiting: 2, dead: 1 })
      expect(await after.add(delivered)).toBe('known')
      expect(await after.add(waiting)).toBe('known')
      expect(await after.recall('hash')).toBe('7')
      clock += 60_000
      const again = [await claimNext(after), await claimNext(after)].map(({ job }) => job)
      expect(again).toEqual(expect.arrayContaining([claimed, waiting]))
    })

    onlyDurable('can be added to and requeued in from beside the one that drains', async () => {
      const [draining, beside] = [await open(), await open()]
      const job = createJob()
      await draining.add(job)
      await draining.bury(await claimNext(draining), { code: 'refused', issues: [] })

      expect(await beside.add(job)).toBe('known')
      const [letter] = await beside.dead()
      expect(await beside.requeue([letter?.id ?? ''])).toBe(1)
      expect((await claimNext(draining)).job).toEqual(job)
      const added = createJob()
      expect(await beside.add(added)).toBe('stored')
      expect((await claimNext(draining)).job).toEqual(added)
    })
  })
}
