import type { SqliteDatabase } from './openSqlite.js'
import { isBusy } from './openSqlite.js'

const busyRetryMs = 5
const busyLimitMs = 5_000

interface Write {
  run(): unknown
  resolve(value: unknown): void
  reject(error: unknown): void
  value?: unknown
}

export interface TurnCommit {
  /** Runs a write in the commit of this event-loop turn; settles when that commit is on the disk, or has failed. */
  <T>(run: () => T): Promise<T>
  /** Resolves when nothing is waiting to be written. */
  idle(): Promise<void>
}

/**
 * The writes of one event-loop turn share one commit: the disk is waited for once, and what waits for the commit goes on
 * together. While another process writes, they wait for up to five seconds without holding up the event loop.
 * @param onRollback what was read within the commit is not so: whoever keeps it in memory has to forget it
 */
export const createTurnCommit = (database: SqliteDatabase, onRollback: () => void = () => {}): TurnCommit => {
  let queue: Write[] = []
  let scheduled = false
  let idlers: (() => void)[] = []
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')

  const transact = (writes: Write[]) => {
    begin.run()
    try {
      for (const write of writes) write.value = write.run()
      commit.run()
    } catch (error) {
      try {
        database.exec('ROLLBACK')
      } catch {
        // A full disk has rolled it back already.
      }
      onRollback()
      throw error
    }
    for (const { resolve, value } of writes) resolve(value)
  }

  /** One write that cannot be made takes no others along: each is then tried on its own. */
  const transactEach = (writes: Write[]) => {
    for (const write of writes) {
      try {
        transact([write])
      } catch (error) {
        write.reject(error)
      }
    }
  }

  const flush = (writes: Write[], since: number) => {
    try {
      transact(writes)
    } catch (error) {
      if (isBusy(error) && Date.now() - since < busyLimitMs) {
        setTimeout(() => flush(writes, since), busyRetryMs)
        return
      }
      if (writes.length > 1 && !isBusy(error)) transactEach(writes)
      else for (const { reject } of writes) reject(error)
    }
    if (queue.length) next()
    else {
      scheduled = false
      for (const resolve of idlers) resolve()
      idlers = []
    }
  }

  const next = () =>
    setImmediate(() => {
      const writes = queue
      queue = []
      flush(writes, Date.now())
    })

  const write = <T>(run: () => T) =>
    new Promise<T>((resolve, reject) => {
      queue.push({ run, resolve: resolve as Write['resolve'], reject })
      if (!scheduled) next()
      scheduled = true
    })
  return Object.assign(write, {
    idle: () => (scheduled ? new Promise<void>((resolve) => idlers.push(resolve)) : Promise.resolve()),
  })
}
