import type { WorkerEvent } from './createWorker.js'
import type { FieldIssue, Outcome, SearchOutcome } from './outcome.js'

export type UpstreamCall = 'create' | 'update_or_create' | 'search' | 'update'

/** What happened, for logs and metrics. Names, codes and numbers only: never a value, an address or the key. */
export type RelayEvent =
  | {
      event: 'answered'
      status: number
      /** `accepted`, or the code of the refusal: `method`, `origin`, `client_limit`, `attributes`, … */
      reason: string
      verified: boolean
    }
  | {
      event: 'upstream'
      call: UpstreamCall
      outcome: (Outcome | SearchOutcome)['kind']
      /** Why it is no success, where that is more than the outcome says. */
      reason?: string
      status?: number
      issues?: FieldIssue[]
      durationMs: number
    }
  | { event: 'failed'; where: string; error: string }
  | WorkerEvent

/** Must not throw; what it throws is dropped. */
export type Report = (event: RelayEvent) => void
