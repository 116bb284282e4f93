import type { Statements } from './prepareStatements.js'

/** So many keys gather before they go into the index; after a crash no more than these are read again. */
const mostRecent = 4_000

/** Which idempotency keys were taken. Everything is called within a transaction. */
export interface KnownKeys {
  /** Learns of the jobs that any process has added since the last time; before the first `has`. */
  catchUp(): void
  /** Whether a job with that key was taken, by whatever process. */
  has(i: string): boolean
  /** Brings what gathered into the index. */
  index(): void
  /** After a rollback, when it has learnt of jobs that are not there: the next `catchUp` reads all anew. */
  forget(): void
}

/**
 * Keys are random, so writing each into the file's index as it comes dirties a page of its own: more than half the cost
 * of storing a job (measured). The newest are in memory instead, read from the jobs themselves, and go into the index by
 * the thousand, in its order.
 */
export const createKnownKeys = (sql: Statements): KnownKeys => {
  const recent = new Map<string, number>()
  let indexedId = 0
  let lastId = 0

  const index = () => {
    const keys = [...recent].sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [i, at] of keys) sql.knownAdd.run(i, at)
    sql.indexedSet.run(lastId)
  }

  return {
    catchUp: () => {
      const { id = 0 } = sql.indexedGet.get<{ id: number }>() ?? {}
      // Only now is it sure that an index of ours, or another process's, was committed.
      if (id !== indexedId) {
        recent.clear()
        indexedId = lastId = id
      }
      for (const { id, i, at } of sql.jobsAfter.all<{ id: number; i: string; at: number }>(lastId)) {
        recent.set(i, at)
        lastId = id
      }
      if (recent.size >= mostRecent) index()
    },
    has: (i) => recent.has(i) || sql.knownGet.get(i) !== undefined,
    index,
    forget: () => {
      indexedId = -1
    },
  }
}
