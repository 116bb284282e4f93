import type { Stopped } from '../createStop.js'
import type { Outbox } from '../outbox.js'
import type { Report } from '../report.js'

/**
 * Why a relay is not ready. `outbox`: it cannot be reached. The others: User.com takes nothing until someone repairs the
 * configuration; what is accepted meanwhile is kept.
 */
export type NotReady = { reason: 'outbox' | Stopped['reason'] }

export interface Readiness {
  report: Report
  /** Resolves with nothing where it is ready. Never rejects. */
  check(): Promise<NotReady | undefined>
}

export const createReadiness = (outbox?: Outbox): Readiness => {
  let stopped: NotReady | undefined
  return {
    report: (event) => {
      if (event.event === 'stopped') stopped = { reason: event.reason }
      if (event.event === 'resumed') stopped = undefined
    },
    check: async () => {
      try {
        await outbox?.stats()
      } catch {
        return { reason: 'outbox' }
      }
      return stopped
    },
  }
}
