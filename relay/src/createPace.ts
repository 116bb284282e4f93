import { onAbort } from './onAbort.js'
import type { Pace, Slot } from './outbox.js'

/** User.com's window is one second; the rest is for clocks that tell milliseconds. */
const slotReturnMs = 1_005
/** A call ends within ten seconds. Whoever has not answered by then is no more: its request was cancelled, its slot is lost. */
const lostAfterMs = 12_000
/** How soon someone who waits looks again, where it is not known when a slot comes back. */
const lookMs = 25
/** Someone who waits looks at least so often, and is passed over when it has not for twice as long. */
const longestLookMs = 500
const slowDownFactor = 0.7
/** From nothing to the full number of slots: after one 429 it takes a minute to be back. */
const fullRecoveryMs = 200_000

interface Waiter {
  give(): void
  lookedAt: number
}

/**
 * The slots of one process. Why they come back when they do: see `Pace`.
 *
 * Slots come back by the clock, and everyone who waits has a timer of its own: on edge runtimes a timer ends with the request
 * that set it, so one that is shared, or that brings back a slot, would be lost with it.
 */
export const createPace = (slots: number, now: () => number = () => Date.now()): Pace => {
  const waiting = new Set<Waiter>()
  /** Slots that are out, with when each comes back. */
  const held = new Set<{ freeAt: number }>()
  let pausedUntil = 0
  let lowered = { slots, at: -Infinity }
  /** Never goes back, as the time of day may. */
  const clock = () => performance.now()

  const available = () => Math.min(slots, lowered.slots + ((now() - lowered.at) / fullRecoveryMs) * slots)
  const whole = () => Math.max(1, Math.floor(available()))

  const isFree = () => {
    if (pausedUntil > now()) return false
    for (const slot of held) if (slot.freeAt <= clock()) held.delete(slot)
    return held.size < whole()
  }

  /** To who waits first, and one at a time: what the first call is answered may say that no other is to be made. */
  const giveOne = () => {
    for (const waiter of waiting) {
      if (!isFree()) return
      const silentMs = clock() - waiter.lookedAt
      if (silentMs <= 2 * longestLookMs) return waiter.give()
      if (silentMs > lostAfterMs) waiting.delete(waiter)
    }
  }

  const createSlot = (): Slot => {
    const slot = { freeAt: clock() + lostAfterMs }
    let isOut = true
    const once = (then: () => void) => () => {
      if (isOut) then()
      isOut = false
    }
    held.add(slot)
    return {
      answered: once(() => (slot.freeAt = clock() + slotReturnMs)),
      unused: once(() => {
        held.delete(slot)
        giveOne()
      }),
    }
  }

  const untilNextLook = () => {
    const pauseMs = pausedUntil - now()
    if (pauseMs > 0) return Math.min(pauseMs, longestLookMs)
    if (isFree()) return 1
    const nextMs = Math.min(...[...held].map(({ freeAt }) => freeAt - clock()))
    return Math.max(1, Math.min(nextMs, lookMs))
  }

  return {
    take: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined)
        let timer: ReturnType<typeof setTimeout>
        const leave = () => {
          waiting.delete(waiter)
          clearTimeout(timer)
          stopHearing()
        }
        const waiter: Waiter = {
          lookedAt: clock(),
          give: () => {
            leave()
            resolve(createSlot())
          },
        }
        const stopHearing = onAbort(signal, () => {
          leave()
          resolve(undefined)
        })
        const look = () => {
          waiter.lookedAt = clock()
          // Again, where it was taken for lost: a machine may stand still for a while.
          waiting.add(waiter)
          giveOne()
          if (waiting.has(waiter)) timer = setTimeout(look, untilNextLook())
        }
        look()
      }),
    pause: (until) => {
      pausedUntil = Math.max(pausedUntil, until)
    },
    slowDown: () => {
      // The calls in flight are throttled together: that is one sign, not ten.
      if (now() - lowered.at < slotReturnMs) return
      lowered = { slots: Math.max(1, available() * slowDownFactor), at: now() }
    },
    state: () => ({ slots: whole(), pausedUntil }),
  }
}
