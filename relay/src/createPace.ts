import { onAbort } from './onAbort.js'
import type { Pace, Slot } from './outbox.js'

/** User.com's window is one second; the rest is for timers, which may fire a millisecond early. */
const slotReturnMs = 1_005
const slowDownFactor = 0.7
/** From nothing to the full number of slots: after one 429 it takes a minute to be back. */
const fullRecoveryMs = 200_000

/** The slots of one process. Why they come back when they do: see `Pace`. */
export const createPace = (slots: number, now: () => number = () => Date.now()): Pace => {
  const waiting = new Set<() => void>()
  let taken = 0
  let pausedUntil = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let lowered = { slots, at: -Infinity }

  const available = () => Math.min(slots, lowered.slots + ((now() - lowered.at) / fullRecoveryMs) * slots)
  const whole = () => Math.max(1, Math.floor(available()))

  const giveOut = () => {
    clearTimeout(timer)
    const pauseMs = pausedUntil - now()
    if (pauseMs > 0) {
      if (waiting.size) timer = setTimeout(giveOut, Math.min(pauseMs, 2 ** 31 - 1))
      return
    }
    for (const give of waiting) {
      if (taken >= whole()) return
      give()
    }
  }

  const createSlot = (): Slot => {
    let held = true
    const comeBack = () => {
      taken -= 1
      giveOut()
    }
    const once = (then: () => void) => () => {
      if (held) then()
      held = false
    }
    taken += 1
    return { answered: once(() => setTimeout(comeBack, slotReturnMs)), unused: once(comeBack) }
  }

  return {
    take: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined)
        const leave = () => {
          waiting.delete(give)
          stopHearing()
        }
        const give = () => {
          leave()
          resolve(createSlot())
        }
        const stopHearing = onAbort(signal, () => {
          leave()
          resolve(undefined)
        })
        waiting.add(give)
        giveOut()
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
