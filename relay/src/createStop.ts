import type { Outcome } from './outcome.js'

/** Why nothing is sent: User.com refuses the key, redirects, or is not where it should be. */
export type Stopped = Omit<Extract<Outcome, { kind: 'stop' }>, 'kind'>

export type StopEvent =
  /** From now on nothing is sent but a probe now and then; everything is kept. */
  ({ event: 'stopped' } & Stopped) | { event: 'resumed' }

/** How one job's calls ended. */
export interface Heard {
  id: string
  outcome: Outcome
  /** Whether it was the one that is tried while all else is stopped. */
  isProbe: boolean
  /** Whether the outcome is User.com's, and not of a call that was held back. */
  isAnswered: boolean
}

export interface Stop {
  /** Why nothing is sent, while that is so. */
  stopped(): Stopped | undefined
  /** What becomes of a job, once it is known whether its 403 is its own. */
  hear(heard: Heard): Outcome
  /** Whether User.com answered 403 to this job since the stop. */
  isForbidden(id: string): boolean
}

/**
 * Decides when nothing is sent any more, and when it is again. A 403 may be about the key, or about one body that a
 * firewall refuses: where another job is taken after it, the next 403 of the same job is that job's end.
 */
export const createStop = (report: (event: StopEvent) => void): Stop => {
  let stopped: Stopped | undefined
  /** Since the stop, by id: the jobs that were answered 403. */
  const forbidden = new Set<string>()
  /** Those of an earlier stop. Another one was taken since: it is their body that is refused, and not the key. */
  const forbiddenAlone = new Set<string>()

  return {
    stopped: () => stopped,
    isForbidden: (id) => forbidden.has(id),
    hear: ({ id, outcome, isProbe, isAnswered }) => {
      if (outcome.kind !== 'stop') {
        forbiddenAlone.delete(id)
        if (isProbe && isAnswered && outcome.kind !== 'later') {
          stopped = undefined
          for (const other of forbidden) forbiddenAlone.add(other)
          forbidden.clear()
          report({ event: 'resumed' })
        }
        return outcome
      }
      const { reason, status } = outcome
      if (status === 403 && isAnswered) {
        if (forbiddenAlone.delete(id)) return { kind: 'never', status, issues: [] }
        forbidden.add(id)
      }
      if (!stopped) report({ event: 'stopped', reason, status })
      stopped = { reason, status }
      return outcome
    },
  }
}
