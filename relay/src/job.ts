import type { CleanAttributes } from 'usercom-snippet/attributes'

/** One identify that passed the gate: who it is about is checked, only delivery is left. */
export interface Job {
  /** The call's idempotency key, made in its page; 1 to 64 printable ASCII characters. */
  i: string
  /** Trimmed, checked and allowed. Where `verified`, `custom_id` and `email` are those of the token. */
  attributes: CleanAttributes
  /** Whether a token says who this is: only then is `custom_id` there, and may a person be written over. */
  verified: boolean
}

/**
 * What becomes of a job. `accepted` is the same for new and known people.
 * - `refused`: User.com will never take these attributes (direct mode only).
 * - `later`: not taken, the page keeps it.
 */
export type Acceptance =
  | { status: 'accepted' }
  | { status: 'refused'; issues: { field: string; code: string }[] }
  | { status: 'later'; retryAfterSeconds: number }

/** Takes a job, or says why not: straight to User.com, or into an outbox. Never rejects. */
export type Accept = (job: Job) => Promise<Acceptance>
