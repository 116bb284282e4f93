/** Runs a piece of work once for each key. */
export type Once<T> = (key: string, work: () => Promise<T>) => Promise<T>

export interface OnceOptions<T> {
  /** Whether a result is remembered; any other is forgotten, so that the next call works anew. */
  isDone: (result: T) => boolean
  /** @default 5 minutes */
  rememberMs?: number
  /** What is under way for longer never ends: on edge runtimes a cancelled request takes its promises with it. @default 12 s */
  lostAfterMs?: number
  /** Beyond it the oldest are forgotten. @default 10_000 */
  maxEntries?: number
  /** Unix milliseconds. @default Date.now */
  now?: () => number
}

/** The same key again, under way or done a while ago, is answered with the first call's result. */
export const createOnce = <T>({
  isDone,
  rememberMs = 5 * 60_000,
  lostAfterMs = 12_000,
  maxEntries = 10_000,
  now = () => Date.now(),
}: OnceOptions<T>): Once<T> => {
  const entries = new Map<string, { result: Promise<T>; at: number; isUnderWay: boolean }>()

  const forgetOld = () => {
    // Maps keep the order of insertion, so the old ones are in front.
    for (const [key, { at }] of entries) {
      if (at > now() - rememberMs && entries.size < maxEntries) return
      entries.delete(key)
    }
  }

  return (key, work) => {
    forgetOld()
    const known = entries.get(key)
    if (known && !(known.isUnderWay && known.at <= now() - lostAfterMs)) return known.result
    const result = work()
    const entry = { result, at: now(), isUnderWay: true }
    entries.delete(key)
    entries.set(key, entry)
    const forget = () => void (entries.get(key) === entry && entries.delete(key))
    result.then((value) => {
      entry.isUnderWay = false
      if (!isDone(value)) forget()
    }, forget)
    return result
  }
}
