import type { Call, Delivery } from './createDelivery.js'
import type { StopEvent, Stopped } from './createStop.js'
import { createStop } from './createStop.js'
import { createWake } from './createWake.js'
import type { Claim, Outbox, Slot } from './outbox.js'
import type { Outcome } from './outcome.js'
import type { Settlement } from './toSettlement.js'
import { toSettlement } from './toSettlement.js'

export interface WorkerOptions {
  outbox: Outbox
  deliver: Delivery
  /** Hears what happens, for logs and metrics: names, codes and times, nothing of a person. */
  report?: (event: WorkerEvent) => void
  /** What could not be delivered for so long goes to the dead letters. @default 7 days */
  maxAgeMs?: number
  /** While stopped, one job in so many milliseconds is tried. @default 60_000 */
  probeMs?: number
  /** Unix milliseconds. @default Date.now */
  now?: () => number
  /** @default Math.random */
  random?: () => number
}

export type WorkerEvent =
  /** A job has left the outbox, or was put back into it. `attempts` before this one. */
  | {
      event: 'settled'
      as: Settlement['as']
      outcome: Outcome['kind']
      i: string
      attempts: number
      waitedMs: number
    }
  | StopEvent
  /** So many dead letters were too old, or too many. */
  | { event: 'dropped'; count: number }
  /** The outbox's engine failed; it is tried again. */
  | { event: 'failed'; where: string; error: string }

export interface Worker {
  /** Why nothing is sent, while that is so. */
  stopped(): Stopped | undefined
  /** Takes no more jobs, lets what is under way end, and cuts it short after `graceMs`. @default 8_000 */
  close(graceMs?: number): Promise<void>
}

const pruneEveryMs = 60_000
const failurePauseMs = 1_000
/** What was refused goes behind all that wait: a firewall may refuse this one alone, for what is in it. */
const behindAllMs = 1_000
const defaultMaxAgeMs = 7 * 24 * 3_600_000

/** An error's message may quote what it was about. */
export const toErrorCode = (error: unknown): string => {
  const { name = typeof error, code } = (error ?? {}) as { name?: string; code?: unknown }
  return code === undefined ? String(name) : `${name} ${String(code)}`
}

/** Brings what waits in the outbox to User.com, oldest first, at the outbox's pace, until it is closed. */
export const createWorker = ({
  outbox,
  deliver,
  report = () => {},
  maxAgeMs = defaultMaxAgeMs,
  probeMs = 60_000,
  now = () => Date.now(),
  random = () => Math.random(),
}: WorkerOptions): Worker => {
  const closing = new AbortController()
  const calling = new Set<AbortController>()
  const { wait: sleep } = createWake()
  const underWay = new Set<Promise<unknown>>()

  const emit = (event: WorkerEvent) => {
    try {
      report(event)
    } catch {
      // A listener's fault is not the job's.
    }
  }
  const { stopped, hear, isForbidden } = createStop(emit)
  const failed = (where: string, error: unknown) =>
    emit({ event: 'failed', where, error: toErrorCode(error) })

  /** Makes a job's calls: the first in the slot it was claimed with, each further one in a slot of its own. */
  const createCall = (first: Slot, isProbe: boolean) => {
    let slot: Slot | undefined = first
    let isAnswered = false
    const call: Call = async (run) => {
      slot ??= await outbox.pace.take(closing.signal)
      if (!slot) throw closing.signal.reason
      // What was stopped meanwhile is not sent any more.
      isAnswered = isProbe || !stopped()
      if (!isAnswered) return { kind: 'stop', ...stopped() } as Awaited<ReturnType<typeof run>>
      // One for each call: a signal that outlives what was derived from it collects it on Node 20.
      const cutShort = new AbortController()
      calling.add(cutShort)
      try {
        return await run({ signal: cutShort.signal })
      } finally {
        calling.delete(cutShort)
        slot.answered()
        slot = undefined
      }
    }
    return {
      call,
      isAnswered: () => isAnswered,
      end: () => slot?.unused(),
    }
  }

  const write = (claim: Claim, settlement: Settlement) =>
    settlement.as === 'delivered'
      ? outbox.deliver(claim)
      : settlement.as === 'dead'
        ? outbox.bury(claim, settlement.reason)
        : outbox.putBack(claim, settlement)

  const settle = async (claim: Claim, outcome: Outcome, isProbe: boolean) => {
    const settled = toSettlement(outcome, claim, { maxAgeMs, now, random })
    const isRefused = outcome.kind === 'stop' && (isProbe || isForbidden(claim.id))
    const settlement = isRefused && settled.as === 'again' ? { ...settled, at: now() + behindAllMs } : settled
    for (;;) {
      try {
        await write(claim, settlement)
        break
      } catch (error) {
        failed('settle', error)
        if (closing.signal.aborted) return
        // Held until it is written: a full disk must not have it delivered twice.
        await sleep(failurePauseMs, closing.signal)
      }
    }
    const { job, attempts, addedAt } = claim
    const waitedMs = now() - addedAt
    emit({ event: 'settled', as: settlement.as, outcome: outcome.kind, i: job.i, attempts, waitedMs })
  }

  const run = async (claim: Claim, slot: Slot, isProbe: boolean) => {
    const { call, isAnswered, end } = createCall(slot, isProbe)
    let outcome: Outcome
    try {
      outcome = await deliver(claim.job, call)
    } catch (error) {
      if (closing.signal.aborted) return outbox.putBack(claim, { at: claim.addedAt, counted: false })
      failed('deliver', error)
      outcome = { kind: 'later', reason: 'network' }
    } finally {
      end()
    }
    if (outcome.kind === 'throttled') {
      await outbox.pace.pause(now() + outcome.retryAfterMs)
      await outbox.pace.slowDown()
    }
    const heard = hear({ id: claim.id, outcome, isProbe, isAnswered: isAnswered() })
    await settle(claim, heard, isProbe)
  }

  const drainOne = async () => {
    const isProbe = stopped() !== undefined
    if (isProbe) await sleep(probeMs, closing.signal)
    const slot = await outbox.pace.take(closing.signal)
    if (!slot) return
    let claim: Claim | undefined
    try {
      if (!stopped() || isProbe) claim = await outbox.claim()
    } finally {
      if (!claim) slot.unused()
    }
    if (!claim) {
      if (!stopped()) await outbox.wait(closing.signal)
      return
    }
    const running = run(claim, slot, isProbe).catch((error: unknown) => failed('settle', error))
    underWay.add(running)
    void running.then(() => underWay.delete(running))
    if (isProbe) await running
  }

  const repeat = async (where: string, step: () => Promise<void>) => {
    while (!closing.signal.aborted) {
      try {
        await step()
      } catch (error) {
        failed(where, error)
        await sleep(failurePauseMs, closing.signal)
      }
    }
  }

  const pruneOnce = async () => {
    await sleep(pruneEveryMs, closing.signal)
    const count = closing.signal.aborted ? 0 : await outbox.prune()
    if (count) emit({ event: 'dropped', count })
  }

  const loops = [repeat('claim', drainOne), repeat('prune', pruneOnce)]
  return {
    stopped,
    close: async (graceMs = 8_000) => {
      closing.abort()
      const timer = setTimeout(() => calling.forEach((call) => call.abort()), graceMs)
      await Promise.all(loops)
      await Promise.all(underWay)
      clearTimeout(timer)
    },
  }
}
