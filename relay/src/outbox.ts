import type { Job } from './job.js'

/**
 * Where accepted people wait for User.com. Three engines keep this contract (memory, SQLite, Redis) and one suite
 * holds them to it. Every method may reject when the engine cannot be reached; none hangs.
 */
export interface Outbox {
  /** Which engine this is, for logs and metrics: `memory`, `sqlite (node:sqlite)`, `redis`. */
  readonly engine: string

  /** The pace at which User.com is called, shared by all who drain this outbox. */
  readonly pace: Pace

  /**
   * Keeps a job. Resolves only when it is as durable as the engine gets; the adds of one event-loop turn may share one
   * commit and then resolve together. Rejects, at once, when it could not be stored (disk full, Redis away).
   * - `stored`: it waits now.
   * - `known`: the same `i` was stored within the last 24 hours, by this process or another one; nothing was changed.
   * - `full`: as many jobs wait as are allowed; nothing was stored.
   */
  add(job: Job): Promise<'stored' | 'known' | 'full'>

  /**
   * Takes the oldest due job, or nothing. The engine keeps the claim alive for as long as the process lives; the claims
   * of a process that died are free again within 30 seconds.
   *
   * Never are two jobs of one person (`toPerson`) claimed at the same time, and they are claimed in the order in which
   * they were added: two identifies of one new email would else create two people.
   */
  claim(): Promise<Claim | undefined>

  /**
   * Resolves when `claim` may have something again: a job was added, became due, was requeued by another process, a
   * claim was settled. May resolve too early, never later than a second after; at once when the signal is aborted.
   */
  wait(signal: AbortSignal): Promise<void>

  /** Forgets a claimed job that is with User.com now: its attributes are erased, its `i` stays known. */
  deliver(claim: Claim): Promise<void>

  /**
   * Puts a claimed job back for later: due at `at` (Unix milliseconds; the past is allowed). `counted` says whether this
   * was an attempt (`attempts` grows by one) or not (throttled, stopped).
   */
  putBack(claim: Claim, later: { at: number; counted: boolean }): Promise<void>

  /** Moves a claimed job to the dead letters. */
  bury(claim: Claim, reason: Reason): Promise<void>

  /** The dead letters, oldest first. */
  dead(): Promise<DeadLetter[]>

  /**
   * Dead letters wait again, with no attempts behind them and `addedAt` now; unknown ids are passed over. Works from
   * another process, beside a running relay. Resolves with how many there were.
   */
  requeue(ids: string[]): Promise<number>

  /** How it stands. Cheap: no scan, whatever waits. */
  stats(): Promise<OutboxStats>

  /** User.com's id of a person, by a keyed hash of who they are; remembered for a day at most. */
  recall(personHash: string): Promise<string | undefined>
  remember(personHash: string, userId: string): Promise<void>
  forget(personHash: string): Promise<void>

  /**
   * Drops what is too old or too much: known `i` and remembered people after a day, dead letters over 30 days or
   * beyond the newest 10,000. Called once a minute. Resolves with how many dead letters were dropped.
   */
  prune(): Promise<number>

  /** Frees what it claimed and lets go of files, connections and timers. Safe to call twice. */
  close(): Promise<void>
}

export interface OutboxOptions {
  /** How many jobs may wait, claimed ones included, dead letters not; beyond it `add` answers `full`. @default 1_000_000 */
  maxEntries?: number
  /** Calls that User.com takes in any second. @default 10 */
  upstreamPerSecond?: number
  /** The clock, Unix milliseconds. @default Date.now */
  now?: () => number
}

export interface Claim {
  /** The engine's own name of the job; also the dead letter's, where it is buried. */
  id: string
  job: Job
  /** Counted attempts before this one. */
  attempts: number
  /** When it was added or requeued, Unix milliseconds. */
  addedAt: number
}

/** Why a job was buried: names and codes only, never a value. */
export interface Reason {
  /** `refused`: User.com will never take it. `expired`: it could not be delivered for too long. */
  code: 'refused' | 'expired'
  /** User.com's last status, where there was one. */
  status?: number
  issues: { field: string; code: string }[]
}

export interface DeadLetter {
  id: string
  /** The call's idempotency key. */
  i: string
  /** When it was buried, Unix milliseconds. */
  at: number
  reason: Reason
}

export interface OutboxStats {
  /** Jobs that wait, claimed ones included. */
  waiting: number
  dead: number
  /** `addedAt` of the oldest job that waits, Unix milliseconds. */
  oldestAt?: number
}

/**
 * The slots in which User.com is called: one slot, one call. User.com counts a request somewhere between its start and
 * its answer, so a slot comes back one second after its answer arrived; then no 429 is of our own doing.
 */
export interface Pace {
  /** Waits for a free slot; `undefined` when the signal is aborted first. */
  take(signal: AbortSignal): Promise<Slot | undefined>
  /** No slot is given out before `until` (Unix milliseconds); a later end wins over an earlier one. */
  pause(until: number): void | Promise<void>
  /** User.com said 429: others use its limit too. The number of slots shrinks by 0.7 (never under 1) and recovers slowly. */
  slowDown(): void | Promise<void>
  /** Slots there are now, and until when none is given out. */
  state(): { slots: number; pausedUntil: number } | Promise<{ slots: number; pausedUntil: number }>
}

export interface Slot {
  /** The answer has arrived, or the call has failed: the slot comes back a second later. */
  answered(): void
  /** No call was made after all: the slot comes back now. */
  unused(): void
}

/** A claim outlives its process by this much. A second or two would be cut short by a stalled machine; 30 is the limit. */
export const claimLeaseMs = 5_000
/** How long `wait` waits when nothing wakes it: other processes add and requeue too. */
export const pollMs = 1_000
/** An `i` is known, and a person remembered, for this long. */
export const rememberMs = 24 * 3_600_000
export const deadMaxAgeMs = 30 * 24 * 3_600_000
export const deadMaxEntries = 10_000
