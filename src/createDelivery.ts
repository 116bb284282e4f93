import type { Entry } from './entry'
import type { Outbox } from './createOutbox'
import { send } from './send'
import type { Options, Result } from './types'

export type Delivery = {
  /** Something is waiting, or may go now: looks at it in a task of its own. */
  wake(): void
  /** Tries what is waiting now; settles when that was tried. */
  flush(): Promise<void>
}

/** Where nothing answers (an ad-blocker, a dead network) this is enough on one page. */
const MAX_SILENT_TRIES = 3
const ATTEMPT_LIMIT_MS = 12_000
const FIRST_BACK_OFF_MS = 1_000
const BACK_OFF_CEILING_MS = 300_000

/** Takes what waits to the relay, one call at a time, in call order. */
export const createDelivery = (
  outbox: Outbox,
  settings: () => Options,
  isAllowed: () => boolean,
  end: (entry: Entry, result: Result) => void,
): Delivery => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isTrying = false
  let silentTries = 0
  const onIdle: (() => void)[] = []

  const arm = (waitMs: number, then: () => void) => {
    clearTimeout(timer)
    timer = setTimeout(then, waitMs)
  }
  const rest = () => {
    onIdle.splice(0).forEach((resolve) => resolve())
  }

  const attempt = async (entry: Entry) => {
    const limit = new AbortController()
    isTrying = true
    arm(ATTEMPT_LIMIT_MS, () => limit.abort())
    // A refused keepalive looks like a dead network: after one, try without.
    const answer = await send(entry, settings().contentType === 'json', !silentTries, limit.signal)
    clearTimeout(timer)
    isTrying = false
    silentTries = answer === undefined ? silentTries + 1 : 0
    if (typeof answer === 'object') end(entry, answer)
    else if (answer !== undefined || silentTries > 1) {
      const ceilingMs = Math.min(BACK_OFF_CEILING_MS, FIRST_BACK_OFF_MS * 2 ** (entry.tries + silentTries))
      outbox.put({
        ...entry,
        tries: entry.tries + 1,
        next: Date.now() + (answer || Math.random() * ceilingMs),
      })
    }
    step()
  }

  const step = () => {
    const head = outbox.list()[0]
    if (isTrying) return
    clearTimeout(timer)
    if (!head || !isAllowed() || silentTries >= MAX_SILENT_TRIES) return rest()
    const waitMs = head.next - Date.now()
    if (waitMs > 0) {
      arm(Math.min(waitMs, 86_400_000), step)
      return rest()
    }
    attempt(head)
  }

  return {
    wake: () => {
      if (!isTrying) arm(0, step)
    },
    flush: () =>
      new Promise((resolve) => {
        onIdle.push(resolve)
        silentTries = 0
        outbox.list().forEach((entry) => outbox.put({ ...entry, next: 0 }))
        step()
      }),
  }
}
