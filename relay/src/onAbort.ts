const heard = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Hears a signal being aborted, until the answer is called. However many hear it, the signal has one listener: of more
 * than ten, Node warns of a leak.
 */
export const onAbort = (signal: AbortSignal, run: () => void): (() => void) => {
  const known = heard.get(signal)
  const runs = known ?? new Set()
  if (!known) {
    heard.set(signal, runs)
    signal.addEventListener('abort', () => runs.forEach((each) => each()), { once: true })
  }
  runs.add(run)
  return () => void runs.delete(run)
}
