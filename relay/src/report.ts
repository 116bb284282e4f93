import type { WorkerEvent } from './createWorker.js'
import type { Outcome, SearchOutcome } from './outcome.js'

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
      call: 'create' | 'update_or_create' | 'search' | 'update'
      outcome: Outcome | SearchOutcome
      durationMs: number
    }
  | { event: 'failed'; where: string; error: string }
  | WorkerEvent

/** Must not throw; what it throws is dropped. */
export type Report = (event: RelayEvent) => void
