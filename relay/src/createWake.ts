import { onAbort } from './onAbort.js'

export interface Wake {
  /** Ends every wait under way. */
  wake(): void
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** A sleep that can be ended early. */
export const createWake = (): Wake => {
  const sleepers = new Set<() => void>()
  return {
    wake: () => {
      for (const end of sleepers) end()
    },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const end = () => {
          clearTimeout(timer)
          sleepers.delete(end)
          stopHearing()
          resolve()
        }
        const timer = setTimeout(end, ms)
        sleepers.add(end)
        const stopHearing = onAbort(signal, end)
      }),
  }
}
