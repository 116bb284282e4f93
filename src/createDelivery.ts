import type { Entry } from './entry'
import { send } from './send'
import type { Result } from './types'

/** Where nothing answers (an ad-blocker, a dead network) this is enough on one page. */
const MAX_SILENT_TRIES = 3
/** The relay may wait 10 s for User.com, plus the way there and back. */
const ATTEMPT_LIMIT_MS = 12_000
const FIRST_BACK_OFF_MS = 1_000
const BACK_OFF_CEILING_MS = 300_000
/** How soon to ask again for the turn that another tab has. */
const TURN_MS = 1_000
/** A timer of over 24.8 days would fire at once. */
const DAY_MS = 86_400_000

/**
 * Takes what waits to the relay. While the page is shown: one call at a time, in call order, and only in the tab whose
 * turn it is. When it is hidden or left: everything of this page at once, in a way that outlives it.
 *
 * `step` looks at the state and does the one thing that is next; whoever changes the state calls it.
 *
 * @param list Every waiting call, oldest first.
 * @param isOwn Whether the call was made on this page.
 * @param isUnchanged Whether the relay has just that already.
 * @param mayTry Whether the visitor lets us.
 * @param isJson Whether to force `application/json`.
 * @param put Keeps a changed call.
 * @param end Takes a call out, and says how it ended.
 */
export const createDelivery = (
  list: () => Entry[],
  isOwn: (entry: Entry) => unknown,
  isUnchanged: (entry: Entry) => boolean,
  mayTry: () => boolean,
  isJson: () => boolean,
  put: (entry: Entry) => void,
  end: (entry: Entry, result: Result) => void,
) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let limit = new AbortController()
  /** The keys of the calls that are on their way. */
  const flying = new Set<string>()
  let isAway = false
  /** Tries in a row that nothing answered. */
  let silentTries = 0
  /** Tries in a row that did not end a call. */
  let setbacks = 0
  let pausedUntil = 0
  /** Ends this tab's turn, while it has it. */
  let endTurn: (() => void) | undefined
  let onRest: (() => void)[] = []

  const arm = (waitMs: number, then: () => void) => {
    clearTimeout(timer)
    timer = setTimeout(then, waitMs)
  }

  const rest = () => {
    endTurn?.()
    endTurn = undefined
    onRest.forEach((resolve) => resolve())
    onRest = []
  }

  const takeTurn = async () => {
    const go = () =>
      new Promise<void>((resolve) => {
        endTurn = resolve
        step()
      })
    try {
      await navigator.locks.request('usercom', { ifAvailable: true }, (lock) =>
        lock ? go() : arm(TURN_MS, step),
      )
    } catch {
      // No locks on insecure pages and in sandboxed frames: tabs may both try, and the idempotency key makes it one.
      go()
    }
  }

  const canTry = () => mayTry() && navigator.onLine !== false && silentTries < MAX_SILENT_TRIES

  const attempt = async (entry: Entry, keepalive: boolean) => {
    flying.add(entry.id)
    const answer = await send(entry, isJson(), keepalive, limit.signal)
    flying.delete(entry.id)
    const isWaiting = list().some(({ id }) => id === entry.id)
    const backOffMs = Math.random() * Math.min(BACK_OFF_CEILING_MS, FIRST_BACK_OFF_MS * 2 ** setbacks++)
    if (answer !== undefined) silentTries = 0
    // A used-up keepalive quota looks like a dead network: once more at once, without.
    else if (isAway) {
      if (keepalive && isWaiting) attempt(entry, false)
    } else {
      silentTries++
      pausedUntil = keepalive ? 0 : Date.now() + backOffMs
    }
    // Otherwise another tab's answer came first, or the visitor's refusal.
    if (isWaiting) {
      if (typeof answer === 'object') {
        setbacks = 0
        end(entry, answer)
      } else if (answer !== undefined) put({ ...entry, next: Date.now() + (answer > 0 ? answer : backOffMs) })
    }
    step()
  }

  const step = () => {
    clearTimeout(timer)
    const [head] = list()
    if (isAway) rest()
    else if (flying.size)
      arm(ATTEMPT_LIMIT_MS, () => {
        limit.abort()
        limit = new AbortController()
      })
    else if (!head || !canTry()) rest()
    else {
      const waitMs = Math.max(head.next, pausedUntil) - Date.now()
      if (waitMs > 0) {
        arm(Math.min(waitMs, DAY_MS), step)
        rest()
      } else if (!endTurn) takeTurn()
      else if (isUnchanged(head)) {
        end(head, { ok: true, status: 'unchanged' })
        step()
      } else attempt(head, !silentTries)
    }
  }

  /** Something came, or may have become possible. */
  const wake = () => {
    if (!isAway) return arm(0, step)
    step()
    if (canTry() && !(document as { prerendering?: boolean }).prerendering)
      for (const entry of list())
        if (isOwn(entry) && !flying.has(entry.id) && !(entry.next > Date.now())) attempt(entry, true)
  }

  return {
    wake,
    /** Tries what is waiting now; settles when it was tried. */
    flush: () =>
      new Promise<void>((resolve) => {
        onRest.push(resolve)
        silentTries = pausedUntil = 0
        list().forEach((entry) => put({ ...entry, next: 0 }))
        wake()
      }),
    /** The page was shown, hidden or left, or the browser came online. */
    onPageChange: ({ type, persisted }: { type?: string; persisted?: boolean }) => {
      isAway = type === 'pagehide' || document.visibilityState === 'hidden'
      if (type === 'online' || (persisted && !isAway)) silentTries = pausedUntil = 0
      wake()
    },
  }
}
