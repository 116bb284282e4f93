import { chmodSync, closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'

/** The part of a SQLite library that the outbox uses; `node:sqlite` and better-sqlite3 both have it. */
export interface SqliteDatabase {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}

export interface SqliteStatement {
  run(...values: SqliteValue[]): { changes: number | bigint }
  get(...values: SqliteValue[]): unknown
  all(...values: SqliteValue[]): unknown[]
}

export type SqliteValue = string | number | null

export type SqliteLibrary = 'node:sqlite' | 'better-sqlite3'

/**
 * Opens a file, made readable by its owner alone, with the library that is there: Node's own from 22.13 on, else
 * better-sqlite3. SQLite gives its `-wal` and `-shm` files the mode of the first.
 */
export const openSqlite = async (
  name: string,
): Promise<{ database: SqliteDatabase; library: SqliteLibrary }> => {
  // To SQLite `:memory:` and `file:x?mode=memory` are no files: what was accepted would be lost with the process.
  const file = resolve(name)
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const own = process.getBuiltinModule?.('node:sqlite') as
    { DatabaseSync: new (file: string) => SqliteDatabase } | undefined
  if (own) return { database: new own.DatabaseSync(file), library: 'node:sqlite' }
  const { default: BetterSqlite3 } = await import('better-sqlite3').catch(() => {
    throw new Error('The SQLite outbox needs Node 22.13 or later, or the package better-sqlite3 12')
  })
  return { database: new BetterSqlite3(file), library: 'better-sqlite3' }
}

/** Another process is writing. */
export const isBusy = (error: unknown): boolean => {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  // Extended codes keep the primary one (SQLITE_BUSY is 5) in their lowest byte, or as a prefix of their name.
  return (typeof errcode === 'number' && (errcode & 0xff) === 5) || String(code).startsWith('SQLITE_BUSY')
}
