import { randomUUID } from 'node:crypto'
import { createPace } from '../createPace.js'
import { createWake } from '../createWake.js'
import type { Job } from '../job.js'
import type { Claim, DeadLetter, Outbox, OutboxOptions, Reason } from '../outbox.js'
import { claimLeaseMs, deadMaxAgeMs, pollMs, rememberMs } from '../outbox.js'
import { toPerson } from '../toPerson.js'
import { createKnownKeys } from './createKnownKeys.js'
import { createTurnCommit } from './createTurnCommit.js'
import { openSqlite } from './openSqlite.js'
import { prepareSchema } from './prepareSchema.js'
import { prepareStatements, pruneRows } from './prepareStatements.js'

/** As long as jobs are claimed, the lease is renewed well before it ends. */
const leaseRenewalMs = claimLeaseMs / 3
/** The former drainer's last calls may still count in User.com's second. */
const handOverMs = 1_000
/** How many due jobs a claim looks at in one go: enough to pass the claimed ones, and those behind them. */
const claimRows = 64

/** A job on its way in. */
interface Addition {
  job: Job
  text: string
  outcome: 'stored' | 'known' | 'full'
}

interface DueRow {
  id: number
  dueAt: number
  person: string | null
}

interface JobRow {
  id: number
  job: string
  attempts: number
  added_at: number
}

/**
 * The outbox in one file. Any number of processes may add to it; one of them drains it, because they share User.com's
 * limit: who claims first holds a lease on draining, and claims themselves live in that process's memory only.
 */
export const sqliteOutbox = async (
  file: string,
  { maxEntries = 1_000_000, upstreamPerSecond = 10, now = () => Date.now() }: OutboxOptions = {},
): Promise<Outbox> => {
  const { database, library } = await openSqlite(file)
  try {
    prepareSchema(database, file)
  } catch (error) {
    database.close()
    throw error
  }
  const commit = createTurnCommit(database, () => keys.forget())
  const { wake, wait } = createWake()
  const me = randomUUID()
  /** Who each claimed job is about, by its id. */
  const claimed = new Map<number, string | null>()
  let leasedUntil = 0
  let isAnothers = false
  let closed: Promise<void> | undefined

  const sql = prepareStatements(database)
  const keys = createKnownKeys(sql)

  const waiting = () => sql.waitingGet.get<{ waiting: number }>()?.waiting ?? 0

  const enqueue = (i: string, job: string, person: string | null) => {
    const at = now()
    sql.jobAdd.run(i, job, person, at, at)
  }

  /** Bounds are looked at, and counts written, once for all jobs of a turn. */
  const addAll = (all: Addition[]) => {
    keys.catchUp()
    const before = waiting()
    const stored = new Set<string>()
    for (const addition of all) {
      const { job, text } = addition
      const isKnown = stored.has(job.i) || keys.has(job.i)
      addition.outcome = isKnown ? 'known' : before + stored.size >= maxEntries ? 'full' : 'stored'
      if (addition.outcome !== 'stored') continue
      enqueue(job.i, text, toPerson(job) ?? null)
      stored.add(job.i)
    }
    if (stored.size) sql.waitingChange.run(stored.size)
  }

  let turn: { all: Addition[]; done: Promise<void> } | undefined
  const startTurn = () => {
    const all: Addition[] = []
    const end = () => {
      if (turn?.all === all) turn = undefined
    }
    const done = commit(() => {
      end()
      addAll(all)
    })
    // Where not even a transaction could begin, the next add has to try anew.
    done.then(wake, end)
    return { all, done }
  }

  /** Whether this process drains. Jobs claimed under a lease that was lost are the next drainer's. */
  const holdLease = async (): Promise<boolean> => {
    const until = now() + claimLeaseMs
    const held = await commit(() => sql.lease.run(me, until, me, now() - handOverMs) > 0)
    leasedUntil = held ? until : 0
    isAnothers = !held
    if (!held) claimed.clear()
    return held
  }
  const renewal = setInterval(() => {
    if (claimed.size) holdLease().catch(() => {})
  }, leaseRenewalMs)
  renewal.unref()

  /** The due jobs that are not claimed, oldest first. */
  const due = () => sql.jobsDue.all<DueRow>(claimed.size + claimRows).filter(({ id }) => !claimed.has(id))

  /**
   * Claims the first due job of a person who has none claimed. Those it passes over wait from now on until that one is
   * settled, so that a thousand jobs of one person cost nothing to pass.
   */
  const claimNext = async (): Promise<DueRow | undefined> => {
    for (;;) {
      const heads = new Map([...claimed].map(([id, person]) => [person, id]))
      const behind: [id: number, head: number][] = []
      for (const row of due()) {
        if (row.dueAt > now()) break
        const head = row.person === null ? undefined : heads.get(row.person)
        if (head === undefined) {
          claimed.set(row.id, row.person)
          return row
        }
        behind.push([row.id, head])
      }
      if (!behind.length) return undefined
      // Unless the one in front has been settled meanwhile.
      await commit(() => behind.forEach(([id, head]) => sql.jobBehind.run(id, head)))
    }
  }

  const settle = async (claim: Claim, write: (id: number) => void) => {
    const id = Number(claim.id)
    await commit(() => {
      write(id)
      const taken = sql.jobTake.get<{ i: string; person: string | null }>(id)
      if (!taken) return
      sql.knownAdd.run(taken.i, now())
      sql.waitingChange.run(-1)
      if (taken.person !== null) sql.jobPromote.run(taken.person)
    })
    claimed.delete(id)
    wake()
  }

  return {
    engine: `sqlite (${library})`,
    pace: createPace(upstreamPerSecond, now),
    add: async (job) => {
      const addition: Addition = { job, text: JSON.stringify(job), outcome: 'stored' }
      const { all, done } = (turn ??= startTurn())
      all.push(addition)
      await done
      return addition.outcome
    },
    claim: async () => {
      const [oldest] = due()
      if (!oldest || oldest.dueAt > now()) return undefined
      if (leasedUntil < now() + claimLeaseMs / 2 && !(await holdLease())) return undefined
      const row = await claimNext()
      const found = row && sql.jobGet.get<JobRow>(row.id)
      if (!found) return undefined
      const { id, job, attempts, added_at } = found
      return { id: String(id), job: JSON.parse(job) as Job, attempts, addedAt: added_at }
    },
    wait: async (signal) => {
      const dueInMs = isAnothers ? pollMs : (due()[0]?.dueAt ?? Infinity) - now()
      await wait(Math.min(pollMs, Math.max(0, dueInMs)), signal)
    },
    deliver: (claim) => settle(claim, () => {}),
    bury: (claim, reason) => settle(claim, (id) => sql.deadAdd.run(now(), JSON.stringify(reason), id)),
    putBack: async (claim, { at, counted }) => {
      await commit(() => sql.jobLater.run(at, counted ? 1 : 0, Number(claim.id)))
      claimed.delete(Number(claim.id))
      wake()
    },
    dead: async () =>
      sql.deadAll
        .all<{ id: number; i: string; at: number; reason: string }>()
        .map(({ id, i, at, reason }): DeadLetter => ({
          id: String(id),
          i,
          at,
          reason: JSON.parse(reason) as Reason,
        })),
    requeue: async (ids) => {
      const requeueOne = (id: string) => {
        const letter = sql.deadTake.get<{ i: string; job: string }>(Number(id))
        if (letter) enqueue(letter.i, letter.job, toPerson(JSON.parse(letter.job) as Job) ?? null)
        return letter !== undefined
      }
      const count = await commit(() => {
        const requeued = ids.filter(requeueOne).length
        sql.waitingChange.run(requeued)
        return requeued
      })
      wake()
      return count
    },
    stats: async () => {
      const oldestAt = sql.jobOldest.get<{ at: number }>()?.at
      return {
        waiting: waiting(),
        dead: sql.deadCount.get<{ count: number }>()?.count ?? 0,
        ...(oldestAt !== undefined && { oldestAt }),
      }
    },
    recall: async (hash) => sql.personGet.get<{ userId: string }>(hash, now() - rememberMs)?.userId,
    remember: async (hash, userId) => void (await commit(() => sql.personSet.run(hash, userId, now()))),
    forget: async (hash) => void (await commit(() => sql.personDelete.run(hash))),
    prune: async () => {
      await commit(() => {
        keys.catchUp()
        keys.index()
      })
      const old = now() - rememberMs
      for (const portion of [sql.knownPrune, sql.personPrune])
        while ((await commit(() => portion.run(old))) === pruneRows);
      const dropped = await commit(() => sql.deadPrune.run(now() - deadMaxAgeMs))
      // What was deleted is still in the log until the log is cut.
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      return dropped
    },
    close: () =>
      (closed ??= (async () => {
        clearInterval(renewal)
        wake()
        // Hands the lease back, where it is held.
        await commit(() => sql.lease.run(me, now(), me, -1)).catch(() => {})
        await commit.idle()
        database.close()
      })()),
  }
}
