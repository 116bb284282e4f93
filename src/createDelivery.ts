import type { Entry } from './entry'
import type { Answer } from './send'
import type { Result } from './types'

/** Where nothing answers (an ad-blocker, a dead network) this is enough on one page. */
const MAX_SILENT_TRIES = 3
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
 * @param isAllowed Whether the visitor lets us.
 * @param send One try.
 * @param put Keeps a changed call.
 * @param end Takes a call out, and says how it ended.
 */
export const createDelivery = (
  list: () => Entry[],
  isOwn: (entry: Entry) => boolean,
  isAllowed: () => boolean,
  send: (entry: Entry, keepalive: boolean) => Promise<Answer>,
  put: (entry: Entry) => void,
  end: (entry: Entry, result: Result) => void,
) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isAway = false
  /** The keys of the calls that are on their way. */
  const flying = new Set<string>()
  /** Tries in a row that nothing answered. */
  let silentTries = 0
  /** Tries in a row that did not end a call. */
  let setbacks = 0
  let pausedUntil = 0
  /** Ends this tab's turn, while it has it. */
  let endTurn: (() => void) | undefined
  let onRest: (() => void)[] = []

  const arm = (waitMs: number) => {
    timer = setTimeout(step, waitMs)
  }

  const takeTurn = async () => {
    const go = () =>
      new Promise<void>((resolve) => {
        endTurn = resolve
        step()
      })
    try {
      await navigator.locks.request('usercom', { ifAvailable: true }, (lock) => (lock ? go() : arm(TURN_MS)))
    } catch {
      // No locks on insecure pages and in sandboxed frames: tabs may both try, and the idempotency key makes it one.
      go()
    }
  }

  const attempt = async (entry: Entry, keepalive: boolean) => {
    flying.add(entry.key)
    const answer = await send(entry, keepalive)
    flying.delete(entry.key)
    const backOffMs = Math.random() * Math.min(BACK_OFF_CEILING_MS, FIRST_BACK_OFF_MS * 2 ** setbacks++)
    let isWaiting = false
    for (const { key } of list()) if (key === entry.key) isWaiting = true
    if (answer === undefined) {
      // A used-up keepalive quota looks like a dead network: once more at once, without.
      if (isAway && keepalive && isWaiting) attempt(entry, false)
      if (!isAway) {
        silentTries++
        pausedUntil = keepalive ? 0 : Date.now() + backOffMs
      }
    } else {
      silentTries = 0
      // Otherwise another tab's answer came first, or the visitor's refusal.
      if (isWaiting)
        if (typeof answer === 'object') {
          setbacks = 0
          end(entry, answer)
        } else put({ ...entry, next: Date.now() + (answer > 0 ? answer : backOffMs) })
    }
    step()
  }

  const canTry = () => isAllowed() && navigator.onLine && silentTries < MAX_SILENT_TRIES

  const step = () => {
    clearTimeout(timer)
    const [head] = list()
    if (head && !isAway && canTry()) {
      if (flying.size) return
      const waitMs = Math.max(head.next, pausedUntil) - Date.now()
      if (!(waitMs > 0)) return endTurn ? attempt(head, !silentTries) : takeTurn()
      arm(Math.min(waitMs, DAY_MS))
    }
    // Nothing to do now: it may be another tab's turn. A lock that is held keeps a page out of the back/forward cache.
    endTurn?.()
    endTurn = undefined
    for (const resolve of onRest) resolve()
    onRest = []
  }

  const leave = () => {
    step()
    if (canTry())
      for (const entry of list())
        if (isOwn(entry) && !flying.has(entry.key) && !(entry.next > Date.now())) attempt(entry, true)
  }

  /** Something came, or may have become possible. While the page is shown that is looked at in a task of its own. */
  const wake = () => {
    clearTimeout(timer)
    if (isAway) leave()
    else arm(0)
  }

  return {
    wake,
    /** Tries what is waiting, also where nothing answered before; settles when it was tried. */
    flush: () =>
      new Promise<void>((resolve) => {
        onRest.push(resolve)
        silentTries = pausedUntil = 0
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
