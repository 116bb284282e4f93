import Database from 'better-sqlite3'
import { answerInTurns } from './answerInTurns.mjs'

// Rows at the end of one table, durable, one commit for each turn; no index, so that no key is looked up.
const database = new Database(process.env.FLOOR_FILE)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE jobs (i TEXT, job TEXT)')
const add = database.prepare('INSERT INTO jobs VALUES (?, ?)')
answerInTurns(
  database.transaction((calls) => {
    for (const { i, body } of calls) add.run(i, body)
  }),
)
