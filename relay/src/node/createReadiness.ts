import type { Stopped } from '../createWorker.js'
import type { Outbox } from '../outbox.js'
import type { Report } from '../report.js'

/** Why a relay is not ready: codes, for people and for machines. */
export type NotReady =
  | { reason: 'closing' | 'outbox' }
  /** User.com takes nothing until someone repairs the configuration; what is accepted meanwhile is kept. */
  | { reason: Stopped['reason']; status: number }

export interface Readiness {
  report: Report
  /** Resolves with nothing where it is ready. Never rejects. */
  check(): Promise<NotReady | undefined>
}

export const createReadiness = (outbox?: Outbox): Readiness => {
  let stopped: Stopped | undefined
  return {
    report: (event) => {
      if (event.event === 'stopped') stopped = { reason: event.reason, status: event.status }
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
