import { deadMaxEntries } from '../outbox.js'
import type { SqliteDatabase, SqliteValue } from './openSqlite.js'

/** Old rows are dropped in portions, so that no commit holds up the event loop. */
export const pruneRows = 2_000

/** All that is asked of the file, each with an index behind it: nothing takes longer the more waits. */
export const prepareStatements = (database: SqliteDatabase) => {
  const statement = (text: string) => {
    const prepared = database.prepare(text)
    return {
      run: (...values: SqliteValue[]) => Number(prepared.run(...values).changes),
      get: <Row>(...values: SqliteValue[]) => (prepared.get(...values) ?? undefined) as Row | undefined,
      all: <Row>(...values: SqliteValue[]) => prepared.all(...values) as Row[],
    }
  }
  return {
    knownAdd: statement('INSERT INTO known VALUES (?, ?) ON CONFLICT DO NOTHING'),
    knownGet: statement('SELECT 1 FROM known WHERE i = ?'),
    knownPrune: statement(
      `DELETE FROM known WHERE i IN (SELECT i FROM known WHERE at <= ? ORDER BY at LIMIT ${pruneRows})`,
    ),
    jobAdd: statement('INSERT INTO jobs (i, job, person, added_at, due_at) VALUES (?, ?, ?, ?, ?)'),
    jobsDue: statement(
      `SELECT id, due_at AS dueAt, person FROM jobs WHERE due_at IS NOT NULL ORDER BY due_at, id LIMIT ?`,
    ),
    jobBehind: statement(
      'UPDATE jobs SET due_at = NULL WHERE id = ? AND EXISTS (SELECT 1 FROM jobs WHERE id = ?)',
    ),
    jobsAfter: statement('SELECT id, i, added_at AS at FROM jobs WHERE id > ? ORDER BY id'),
    jobGet: statement('SELECT id, job, attempts, added_at FROM jobs WHERE id = ?'),
    jobLater: statement('UPDATE jobs SET due_at = ?, attempts = attempts + ? WHERE id = ?'),
    jobTake: statement('DELETE FROM jobs WHERE id = ? RETURNING i, person'),
    jobPromote: statement(
      `UPDATE jobs SET due_at = added_at WHERE id = (SELECT min(id) FROM jobs WHERE due_at IS NULL AND person = ?)`,
    ),
    jobOldest: statement('SELECT added_at AS at FROM jobs ORDER BY id LIMIT 1'),
    deadAdd: statement('INSERT INTO dead SELECT id, i, job, ?, ? FROM jobs WHERE id = ?'),
    deadAll: statement('SELECT id, i, at, reason FROM dead ORDER BY at, id'),
    deadTake: statement('DELETE FROM dead WHERE id = ? RETURNING i, job'),
    deadCount: statement('SELECT count(*) AS count FROM dead'),
    deadPrune: statement(
      `DELETE FROM dead WHERE at <= ? OR id IN (SELECT id FROM dead ORDER BY at DESC, id DESC LIMIT -1 OFFSET ${deadMaxEntries})`,
    ),
    personGet: statement('SELECT user_id AS userId FROM people WHERE hash = ? AND at > ?'),
    personSet: statement('INSERT OR REPLACE INTO people VALUES (?, ?, ?)'),
    personDelete: statement('DELETE FROM people WHERE hash = ?'),
    personPrune: statement(
      `DELETE FROM people WHERE hash IN (SELECT hash FROM people WHERE at <= ? ORDER BY at LIMIT ${pruneRows})`,
    ),
    waitingGet: statement('SELECT waiting FROM state'),
    waitingChange: statement('UPDATE state SET waiting = waiting + ?'),
    indexedGet: statement('SELECT indexed_id AS id FROM state'),
    indexedSet: statement('UPDATE state SET indexed_id = max(indexed_id, ?)'),
    lease: statement(
      `UPDATE state SET drainer = ?, drainer_until = ? WHERE drainer = ? OR drainer_until <= ?`,
    ),
  }
}

export type Statements = ReturnType<typeof prepareStatements>
