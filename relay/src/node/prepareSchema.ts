import type { SqliteDatabase } from './openSqlite.js'

/** Raised with every change of the tables; a file of a later version is refused, never guessed at. */
const schemaVersion = 1

const schema = `
  CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    i TEXT NOT NULL,
    job TEXT NOT NULL,
    person TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    added_at INTEGER NOT NULL,
    due_at INTEGER -- NULL: behind another job of the same person
  );
  CREATE INDEX jobs_due ON jobs (due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX jobs_behind ON jobs (person) WHERE due_at IS NULL;

  CREATE TABLE dead (
    id INTEGER PRIMARY KEY,
    i TEXT NOT NULL,
    job TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL
  );
  CREATE INDEX dead_at ON dead (at);

  -- The keys of the jobs up to state.indexed_id; those of later jobs are with the jobs only: see createKnownKeys.
  CREATE TABLE known (i TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX known_at ON known (at);

  CREATE TABLE people (hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX people_at ON people (at);

  -- One row. Counted as jobs come and go, because counting a million rows takes long.
  CREATE TABLE state (
    waiting INTEGER NOT NULL,
    indexed_id INTEGER NOT NULL,
    drainer TEXT NOT NULL,
    drainer_until INTEGER NOT NULL
  );
  INSERT INTO state VALUES (0, 0, '', 0);
`

const versionOf = (database: SqliteDatabase) =>
  (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version

/** Makes the tables in a new file; throws one clear line where the file is not ours or too new. */
export const prepareSchema = (database: SqliteDatabase, file: string): void => {
  database.exec('PRAGMA busy_timeout = 5000')
  const found = versionOf(database)
  if (found > schemaVersion)
    throw new Error(
      `The outbox ${file} was written by a later usercom-relay (schema ${found}, this one knows ${schemaVersion})`,
    )
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_master').get() as {
    tables: number
  }
  if (found === 0 && tables > 0)
    throw new Error(`The file ${file} is another program's database, not an outbox`)
  // FULL: a commit is on the disk before it is answered. `secure_delete`: delivered people are overwritten, not unlinked.
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -16000',
  )
  database.exec('BEGIN IMMEDIATE')
  // Looked at again: another process may have made them in between.
  if (versionOf(database) === 0) database.exec(`${schema} PRAGMA user_version = ${schemaVersion};`)
  database.exec('COMMIT')
  // From here on waiting for another process must not hold up the event loop: `createTurnCommit` tries again instead.
  database.exec('PRAGMA busy_timeout = 0')
}
