import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPace } from '../src/createPace.js'
import type { Pace, Slot } from '../src/outbox.js'

const never = new AbortController().signal

/** Slots that can be had now, without waiting. */
const takeAll = async (pace: Pace): Promise<Slot[]> => {
  const slots: Slot[] = []
  for (;;) {
    const abort = new AbortController()
    const taking = pace.take(abort.signal)
    abort.abort()
    const slot = await taking
    if (!slot) return slots
    slots.push(slot)
  }
}

describe('pace', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('gives out as many slots as there are, and each again a second after its answer', async () => {
    const pace = createPace(3)
    const slots = await takeAll(pace)
    expect(slots).toHaveLength(3)
    slots[0]?.answered()
    slots[0]?.answered()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await takeAll(pace)).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(10)
    expect(await takeAll(pace)).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(10_500)
    expect(await takeAll(pace), 'an answer that has not come keeps its slot').toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await takeAll(pace), 'but for longer than a call can take').toHaveLength(2)
  })

  it('passes over who waits and has stopped looking, as a cancelled request does on an edge runtime', async () => {
    const pace = createPace(1)
    const [slot] = await takeAll(pace)
    const setTimer = vi.spyOn(globalThis, 'setTimeout').mockImplementation((() => 0) as never)
    let wasGiven = false
    void pace.take(never).then(() => (wasGiven = true))
    setTimer.mockRestore()
    const taking = pace.take(never)
    await vi.advanceTimersByTimeAsync(2_000)
    slot?.answered()
    await vi.advanceTimersByTimeAsync(1_100)
    expect(await taking).toBeDefined()
    expect(wasGiven).toBe(false)
  })

  it('gives a slot that was not used at once to who waits first', async () => {
    const pace = createPace(1)
    const [slot] = await takeAll(pace)
    const order: number[] = []
    const taken = [1, 2].map((n) => pace.take(never).then((next) => (order.push(n), next)))
    slot?.unused()
    await taken[0]
    await vi.advanceTimersByTimeAsync(0)
    expect(order).toEqual([1])
  })

  it('never lets a server with a sliding second see more than its limit, whatever the latency', async () => {
    const limit = 10
    const pace = createPace(limit)
    const seen: number[] = []
    let seed = 1
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    const call = async (slot: Slot) => {
      const latencyMs = random() * 900
      const countedAfterMs = random() * latencyMs
      setTimeout(() => seen.push(Date.now()), countedAfterMs)
      setTimeout(() => slot.answered(), latencyMs)
    }
    const drain = (async () => {
      for (let n = 0; n < 200; n += 1) {
        const slot = await pace.take(never)
        if (slot) void call(slot)
      }
    })()
    await vi.advanceTimersByTimeAsync(60_000)
    await drain
    seen.sort((a, b) => a - b)
    expect(seen).toHaveLength(200)
    for (let n = limit; n < seen.length; n += 1)
      expect((seen[n] ?? 0) - (seen[n - limit] ?? 0)).toBeGreaterThanOrEqual(1_000)
  })

  it('pauses all until the later of two ends', async () => {
    const pace = createPace(2)
    void pace.pause(Date.now() + 5_000)
    void pace.pause(Date.now() + 2_000)
    let given = false
    void pace.take(never).then(() => (given = true))
    await vi.advanceTimersByTimeAsync(4_900)
    expect(given).toBe(false)
    await vi.advanceTimersByTimeAsync(200)
    expect(given).toBe(true)
  })

  it('goes down by 0.7 once for the calls throttled together, and comes back slowly', async () => {
    const pace = createPace(10)
    void pace.slowDown()
    void pace.slowDown()
    expect(await pace.state()).toMatchObject({ slots: 7 })
    await vi.advanceTimersByTimeAsync(5_000)
    void pace.slowDown()
    expect(await pace.state()).toMatchObject({ slots: 5 })
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await pace.state()).toMatchObject({ slots: 6 })
    await vi.advanceTimersByTimeAsync(200_000)
    expect(await pace.state()).toMatchObject({ slots: 10 })
  })

  it('keeps one slot however often it is throttled', async () => {
    const pace = createPace(2)
    for (let n = 0; n < 5; n += 1) {
      void pace.slowDown()
      await vi.advanceTimersByTimeAsync(1_100)
    }
    expect(await takeAll(pace)).toHaveLength(1)
  })

  it('lets who waits go when the signal is aborted', async () => {
    const pace = createPace(1)
    const [slot] = await takeAll(pace)
    const abort = new AbortController()
    const waiting = pace.take(abort.signal)
    abort.abort()
    expect(await waiting).toBeUndefined()
    slot?.unused()
    expect(await takeAll(pace), 'the slot was not given to who left').toHaveLength(1)
  })
})
