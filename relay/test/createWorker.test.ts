import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Call } from '../src/createDelivery.js'
import type { Worker, WorkerEvent, WorkerOptions } from '../src/createWorker.js'
import { createWorker } from '../src/createWorker.js'
import type { Job } from '../src/job.js'
import { memoryOutbox } from '../src/memoryOutbox.js'
import type { Outbox } from '../src/outbox.js'
import type { Outcome } from '../src/outcome.js'
import { createJob } from './outbox.suite.js'

const dayMs = 24 * 3_600_000

describe('worker', () => {
  let outbox: Outbox
  let worker: Worker | undefined
  let sent: { i: string; at: number }[]
  let events: WorkerEvent[]
  /** What User.com answers. */
  let answer: (job: Job, signal?: AbortSignal) => Outcome | Promise<Outcome>

  const deliver = (job: Job, call: Call) =>
    call(async ({ signal }) => {
      sent.push({ i: job.i, at: Date.now() })
      return answer(job, signal)
    })
  const deliverTwice = async (job: Job, call: Call) => {
    await deliver(job, call)
    return deliver(job, call)
  }
  const start = (options: Partial<WorkerOptions> = {}) =>
    (worker = createWorker({
      outbox,
      deliver,
      report: (event) => events.push(event),
      random: () => 1,
      ...options,
    }))
  const add = async (count: number) => {
    const jobs = Array.from({ length: count }, () => createJob())
    const adding = jobs.map((job) => outbox.add(job))
    await vi.advanceTimersByTimeAsync(1)
    await Promise.all(adding)
    return jobs
  }
  const isSent = (jobs: Job[]) => jobs.map(({ i }) => sent.filter((call) => call.i === i).length)
  const reported = (name: WorkerEvent['event']) => events.filter(({ event }) => event === name)

  beforeEach(() => {
    vi.useFakeTimers()
    outbox = memoryOutbox({ upstreamPerSecond: 10 })
    sent = []
    events = []
    answer = () => ({ kind: 'delivered', id: '1' })
  })
  afterEach(async () => {
    await worker?.close()
    await outbox.close()
    worker = undefined
    vi.useRealTimers()
  })

  it('delivers each job once, oldest first, what waited before it started too', async () => {
    const before = await add(3)
    start()
    const after = await add(3)
    await vi.advanceTimersByTimeAsync(10)
    expect(sent.map(({ i }) => i)).toEqual([...before, ...after].map(({ i }) => i))
    expect((await outbox.stats()).waiting).toBe(0)
    await vi.advanceTimersByTimeAsync(dayMs / 24)
    expect(sent).toHaveLength(6)
  })

  it('counts calls, not jobs: a job with two calls takes two slots', async () => {
    await add(10)
    start({ deliver: deliverTwice })
    await vi.advanceTimersByTimeAsync(900)
    expect(sent).toHaveLength(10)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sent).toHaveLength(20)
    expect((await outbox.stats()).waiting).toBe(0)
  })

  it('throttled: pauses all for as long as User.com says, counts no attempt, and lowers its pace', async () => {
    const jobs = await add(12)
    answer = () => (sent.length > 1 ? { kind: 'delivered' } : { kind: 'throttled', retryAfterMs: 7_000 })
    start()
    await vi.advanceTimersByTimeAsync(6_990)
    // Those that were in flight with it are all that is sent.
    expect(sent.length).toBeLessThanOrEqual(10)
    const before = sent.length
    await vi.advanceTimersByTimeAsync(100)
    expect(sent.length - before).toBeLessThanOrEqual(7)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(isSent(jobs)).toEqual([2, ...Array.from({ length: 11 }, () => 1)])
    const settled = events.flatMap((event) => (event.event === 'settled' ? [event] : []))
    expect(settled.every(({ attempts }) => attempts === 0)).toBe(true)
    expect((await outbox.stats()).waiting).toBe(0)
  })

  it('later: tries again and again, with a longer back-off each time, for a week', async () => {
    const [job] = await add(1)
    answer = () => ({ kind: 'later', reason: 'status', status: 503 })
    start()
    await vi.advanceTimersByTimeAsync(20_000)
    const gaps = sent.slice(1).map(({ at }, n) => at - (sent[n]?.at ?? 0))
    for (const [n, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(1_000 * 2 ** n)
    expect(sent.length).toBe(5)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(sent.length).toBeGreaterThan(15)
    answer = () => ({ kind: 'delivered' })
    await vi.advanceTimersByTimeAsync(300_000)
    expect((await outbox.stats()).waiting).toBe(0)
    expect(reported('settled').at(-1)).toMatchObject({ as: 'delivered', i: job?.i })
  })

  it('later for more than a week: a dead letter that says so', async () => {
    const [job] = await add(1)
    answer = () => ({ kind: 'later', reason: 'status', status: 503 })
    start()
    await vi.advanceTimersByTimeAsync(60_000)
    vi.setSystemTime(Date.now() + 6 * dayMs)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(await outbox.stats()).toMatchObject({ waiting: 1, dead: 0 })
    vi.setSystemTime(Date.now() + dayMs)
    await vi.advanceTimersByTimeAsync(600_000)
    expect((await outbox.dead())[0]).toMatchObject({
      i: job?.i,
      reason: { code: 'expired', status: 503, issues: [] },
    })
  })

  it('never: a dead letter with the fields and codes, and the next one goes on', async () => {
    const jobs = await add(2)
    const issues = [{ field: 'first_name', code: 'max_length' }]
    answer = ({ i }) => (i === jobs[0]?.i ? { kind: 'never', status: 400, issues } : { kind: 'exists' })
    start()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(isSent(jobs)).toEqual([1, 1])
    expect(await outbox.dead()).toMatchObject([
      { i: jobs[0]?.i, reason: { code: 'refused', status: 400, issues } },
    ])
    expect((await outbox.stats()).waiting).toBe(0)
  })

  it('stop: sends nothing but one probe a minute, keeps all, and goes on when the probe works', async () => {
    const jobs = await add(30)
    answer = () =>
      new Promise((resolve) => setTimeout(resolve, 50, { kind: 'stop', reason: 'key', status: 401 }))
    start()
    await vi.advanceTimersByTimeAsync(59_000)
    expect(sent).toHaveLength(10)
    expect(worker?.stopped()).toEqual({ reason: 'key', status: 401 })
    expect(reported('stopped')).toEqual([{ event: 'stopped', reason: 'key', status: 401 }])
    await vi.advanceTimersByTimeAsync(180_000)
    expect(sent).toHaveLength(13)
    expect((await outbox.stats()).waiting).toBe(30)
    const before = sent.length
    answer = () => ({ kind: 'delivered' })
    await vi.advanceTimersByTimeAsync(70_000)
    expect(worker?.stopped()).toBeUndefined()
    expect(reported('resumed')).toHaveLength(1)
    expect(
      sent
        .slice(before)
        .map(({ i }) => i)
        .sort(),
    ).toEqual(jobs.map(({ i }) => i).sort())
  })

  it('stop: one body that is answered 403 alone stops the drain once, and is then a dead letter', async () => {
    const [refused, ...others] = await add(5)
    answer = ({ i }) =>
      i === refused?.i ? { kind: 'stop', reason: 'key', status: 403 } : { kind: 'delivered' }
    outbox.pace.take = ((take) => {
      let last = Promise.resolve()
      // One after the other, so that the first one stops the rest.
      return async (signal: AbortSignal) => {
        await last
        const slot = await take(signal)
        last = new Promise((resolve) => setTimeout(resolve, 10))
        return slot
      }
    })(outbox.pace.take)
    start()
    await vi.advanceTimersByTimeAsync(59_000)
    expect(isSent(others)).toEqual([0, 0, 0, 0])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(isSent(others)).toEqual([1, 1, 1, 1])
    expect(worker?.stopped()).toBeUndefined()
    expect(reported('stopped')).toHaveLength(1)
    expect((await outbox.stats()).waiting).toBe(0)
    expect(await outbox.dead()).toMatchObject([
      { i: refused?.i, reason: { code: 'refused', status: 403, issues: [] } },
    ])
  })

  it('stop: a key that was answered 403 and is repaired leaves no dead letter, though it fails again later', async () => {
    const jobs = await add(20)
    answer = () =>
      new Promise((resolve) => setTimeout(resolve, 50, { kind: 'stop', reason: 'key', status: 403 }))
    start()
    await vi.advanceTimersByTimeAsync(200_000)
    answer = () => ({ kind: 'delivered' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(isSent(jobs).every((times) => times > 0)).toBe(true)
    expect((await outbox.stats()).waiting).toBe(0)
    answer = () => ({ kind: 'stop', reason: 'key', status: 403 })
    const later = await add(20)
    await vi.advanceTimersByTimeAsync(200_000)
    expect(await outbox.stats()).toMatchObject({ waiting: later.length, dead: 0 })
  })

  it('stop: a probe for which no call was needed says nothing of User.com', async () => {
    await add(1)
    answer = () => ({ kind: 'stop', reason: 'key', status: 401 })
    let isRemembered = false
    start({ deliver: async (job, call) => (isRemembered ? { kind: 'exists' } : deliver(job, call)) })
    await vi.advanceTimersByTimeAsync(1_000)
    isRemembered = true
    await vi.advanceTimersByTimeAsync(61_000)
    expect((await outbox.stats()).waiting).toBe(0)
    expect(worker?.stopped()).toEqual({ reason: 'key', status: 401 })
    expect(reported('resumed')).toEqual([])
  })

  it('stop: what waits for its second call is not sent either', async () => {
    await add(10)
    answer = () => new Promise((resolve) => setTimeout(resolve, 50, { kind: 'delivered' }))
    start({ deliver: deliverTwice })
    await vi.advanceTimersByTimeAsync(500)
    answer = () => ({ kind: 'stop', reason: 'key', status: 401 })
    await vi.advanceTimersByTimeAsync(50_000)
    expect(sent).toHaveLength(11)
    expect((await outbox.stats()).waiting).toBe(10)
  })

  it('stop: what was only held back by a 403 is no dead letter at its own first 403', async () => {
    const jobs = await add(10)
    answer = () => new Promise((resolve) => setTimeout(resolve, 50, { kind: 'delivered' }))
    start({ deliver: deliverTwice })
    await vi.advanceTimersByTimeAsync(500)
    answer = () => ({ kind: 'stop', reason: 'key', status: 403 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sent).toHaveLength(11)
    const heldBack = jobs[5] as Job
    answer = ({ i }) =>
      i === heldBack.i ? { kind: 'stop', reason: 'key', status: 403 } : { kind: 'delivered' }
    await vi.advanceTimersByTimeAsync(75_000)
    expect(worker?.stopped()).toEqual({ reason: 'key', status: 403 })
    expect(await outbox.dead()).toEqual([])
  })

  it('does not send again what was sent but could not be written down', async () => {
    await add(1)
    let full = true
    const write = outbox.deliver
    outbox.deliver = async (claim) => {
      if (full) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
      return write(claim)
    }
    start()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toHaveLength(1)
    expect(reported('failed')[0]).toEqual({ event: 'failed', where: 'settle', error: 'Error SQLITE_FULL' })
    full = false
    await vi.advanceTimersByTimeAsync(2_000)
    expect(sent).toHaveLength(1)
    expect((await outbox.stats()).waiting).toBe(0)
  })

  it('survives an engine that is away, and a listener that throws', async () => {
    await add(1)
    let away = true
    const take = outbox.claim
    outbox.claim = async () => {
      if (away) throw new Error('connection lost')
      return take()
    }
    start({
      report: () => {
        throw new Error('listener')
      },
    })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(sent).toHaveLength(0)
    away = false
    await vi.advanceTimersByTimeAsync(2_000)
    expect(sent).toHaveLength(1)
  })

  it('closing: ends the call under way, sends nothing more, keeps the rest', async () => {
    await add(30)
    answer = () => new Promise((resolve) => setTimeout(resolve, 3_000, { kind: 'delivered' }))
    start()
    await vi.advanceTimersByTimeAsync(100)
    expect(sent).toHaveLength(10)
    const closed = worker?.close()
    await vi.advanceTimersByTimeAsync(3_000)
    await closed
    expect(sent).toHaveLength(10)
    expect((await outbox.stats()).waiting).toBe(20)
  })

  it('closing: puts back what waits for its second call, and counts no attempt', async () => {
    await add(10)
    answer = () => new Promise((resolve) => setTimeout(resolve, 50, { kind: 'delivered' }))
    start({ deliver: deliverTwice })
    await vi.advanceTimersByTimeAsync(500)
    await worker?.close()
    expect(sent).toHaveLength(10)
    expect(reported('failed')).toEqual([])
    expect(await outbox.claim()).toMatchObject({ attempts: 0 })
    expect((await outbox.stats()).waiting).toBe(10)
  })

  it('closing: cuts short what takes too long, and keeps it', async () => {
    await add(1)
    answer = (_, signal) =>
      new Promise((resolve) =>
        signal?.addEventListener('abort', () => resolve({ kind: 'later', reason: 'network' })),
      )
    start()
    await vi.advanceTimersByTimeAsync(100)
    const closed = worker?.close(2_000)
    await vi.advanceTimersByTimeAsync(2_100)
    await closed
    expect((await outbox.stats()).waiting).toBe(1)
  })

  it('prunes once a minute, and says what was dropped', async () => {
    const [job] = await add(1)
    answer = () => ({ kind: 'never', status: 400, issues: [] })
    start()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(await outbox.dead()).toHaveLength(1)
    vi.setSystemTime(Date.now() + 31 * dayMs)
    await vi.advanceTimersByTimeAsync(61_000)
    expect(await outbox.dead()).toEqual([])
    expect(reported('dropped')).toEqual([{ event: 'dropped', count: 1 }])
    expect(isSent(job ? [job] : [])).toEqual([1])
  })
})
