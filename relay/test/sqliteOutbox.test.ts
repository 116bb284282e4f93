import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Claim, Outbox } from '../src/outbox.js'
import { openSqlite } from '../src/node/openSqlite.js'
import { sqliteOutbox } from '../src/node/sqliteOutbox.js'
import { createJob } from './outbox.suite.js'

let folder: string
let file: string
let opened: Outbox[]

const open = async (
  ...options: Parameters<typeof sqliteOutbox> extends [string, ...infer Rest] ? Rest : never
) => {
  const outbox = await sqliteOutbox(file, ...options)
  opened.push(outbox)
  return outbox
}
const take = async (outbox: Outbox): Promise<Claim> => {
  const claim = await outbox.claim()
  if (!claim) throw new Error('nothing to claim')
  return claim
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'usercom-sqlite-'))
  file = join(folder, 'outbox.db')
  opened = []
})
afterEach(async () => {
  await Promise.all(opened.map((outbox) => outbox.close()))
  await rm(folder, { recursive: true })
})

it('uses the SQLite that is there, and says which', async () => {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]
  const hasOwn = major > 22 || (major === 22 && minor >= 13)
  expect((await open()).engine).toBe(`sqlite (${hasOwn ? 'node:sqlite' : 'better-sqlite3'})`)
})

it('lets no one but its owner read the files', async () => {
  await writeFile(file, '')
  await chmod(file, 0o644)
  const outbox = await open()
  await outbox.add(createJob())
  const names = await readdir(folder)
  expect(names.sort()).toEqual(['outbox.db', 'outbox.db-shm', 'outbox.db-wal'])
  for (const name of names) expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600)
})

it('leaves nothing of a person in the files once delivered', async () => {
  const outbox = await open()
  for (let n = 0; n < 50; n += 1)
    await outbox.add(createJob({ email: `needle${n}@example.org`, first_name: 'Needle' }))
  const inFiles = async () => {
    const contents = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))))
    return /needle/i.test(Buffer.concat(contents).toString('latin1'))
  }
  expect(await inFiles()).toBe(true)
  for (let n = 0; n < 50; n += 1) await outbox.deliver(await take(outbox))
  await outbox.prune()
  expect(await inFiles()).toBe(false)
})

it('refuses a file of a later version, and one that is no outbox, with a clear line', async () => {
  const { database } = await openSqlite(file)
  database.exec('PRAGMA user_version = 2')
  await expect(open()).rejects.toThrow(/was written by a later usercom-relay \(schema 2, this one knows 1\)/)
  database.exec('PRAGMA user_version = 0; CREATE TABLE bookmarks (url)')
  await expect(open()).rejects.toThrow(/is another program's database, not an outbox/)
  database.close()
})

it('lets one process drain at a time, and another one go on within 30 seconds', async () => {
  let clock = Date.now()
  const now = () => clock
  const [first, second] = [await open({ now }), await open({ now })]
  for (let n = 0; n < 3; n += 1) await first.add(createJob())
  const claim = await take(first)
  expect(await second.claim()).toBeUndefined()
  // The first one is not heard of any more: its clock stands still for the second.
  clock += 10_000
  const again = [await take(second), await take(second), await take(second)]
  expect(again.map(({ id }) => id)).toContain(claim.id)
  expect(await first.claim()).toBeUndefined()
})

it("hands over at once, but for User.com's second, when it is closed", async () => {
  let clock = Date.now()
  const now = () => clock
  const [first, second] = [await open({ now }), await open({ now })]
  await first.add(createJob())
  await take(first)
  await first.close()
  expect(await second.claim()).toBeUndefined()
  clock += 1_000
  await take(second)
})

it('passes a thousand jobs of one person', async () => {
  const outbox = await open()
  const same = Array.from({ length: 1_000 }, () => createJob({ email: 'same@example.org' }))
  const other = createJob()
  await Promise.all([...same, other].map((job) => outbox.add(job)))
  const first = await take(outbox)
  expect(first.job).toEqual(same[0])
  expect((await take(outbox)).job).toEqual(other)
  await outbox.deliver(first)
  expect((await take(outbox)).job).toEqual(same[1])
  expect(await outbox.claim()).toBeUndefined()
  expect((await outbox.stats()).waiting).toBe(1_000)
})

it('takes the same `i` once among many thousands, before and after a crash, in whichever process', async () => {
  const jobs = Array.from({ length: 10_000 }, () => createJob())
  const [first, second] = [await open(), await open()]
  for (let start = 0; start < jobs.length; start += 1_000) {
    const outbox = start % 2_000 ? first : second
    await Promise.all(jobs.slice(start, start + 1_000).map((job) => outbox.add(job)))
  }
  const delivered = [await take(first), await take(first)]
  await Promise.all(delivered.map((claim) => first.deliver(claim)))
  // What was not closed is as a crash left it.
  const third = await open()
  for (const outbox of [first, second, third]) {
    const outcomes = await Promise.all(jobs.map((job) => outbox.add(job)))
    expect(new Set(outcomes)).toEqual(new Set(['known']))
  }
  await third.prune()
  expect(new Set(await Promise.all(jobs.map((job) => third.add(job))))).toEqual(new Set(['known']))
  expect((await third.stats()).waiting).toBe(9_998)
})

it('knows an `i` after a write beside it failed', async () => {
  const outbox = await open()
  const jobs = Array.from({ length: 4_100 }, () => createJob())
  await Promise.all(jobs.map((job) => outbox.add(job)))
  // In one turn with the add that brings the keys into the index, a write fails: each is then made again on its own.
  const [added] = await Promise.allSettled([
    outbox.add(createJob()),
    outbox.remember('hash', undefined as unknown as string),
  ])
  expect(added).toEqual({ status: 'fulfilled', value: 'stored' })
  expect(new Set(await Promise.all(jobs.map((job) => outbox.add(job))))).toEqual(new Set(['known']))
})

it('waits for another process that is writing, without holding up the event loop', async () => {
  const outbox = await open()
  const { database } = await openSqlite(file)
  database.exec('BEGIN IMMEDIATE')
  let added = false
  const adding = outbox.add(createJob()).then((outcome) => {
    added = true
    return outcome
  })
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 2))
  expect(added).toBe(false)
  database.exec('COMMIT')
  database.close()
  expect(await adding).toBe('stored')
})

it('says no where another process does not stop writing, and takes what comes after', async () => {
  const outbox = await open()
  const { database } = await openSqlite(file)
  database.exec('BEGIN IMMEDIATE')
  const job = createJob()
  await expect(outbox.add(job)).rejects.toThrow()
  database.exec('COMMIT')
  database.close()
  expect(await outbox.add(job)).toBe('stored')
})

it('stores nothing, and says so, where the disk is full; what was stored before is there', async () => {
  // No file of this process may grow beyond 512 blocks of 512 bytes: as a full disk, without needing one.
  const script = `
    import { sqliteOutbox } from '${new URL('../dist/node/sqliteOutbox.js', import.meta.url).href}'
    const outbox = await sqliteOutbox(process.argv[1])
    const outcomes = []
    for (let n = 0; n < 400; n += 1) {
      const job = { i: String(n), verified: false, attributes: { email: n + '@example.org', text: 'x'.repeat(2_000) } }
      outcomes.push(await outbox.add(job).catch(() => 'rejected'))
    }
    process.stdout.write(JSON.stringify(outcomes), () => process.kill(process.pid, 'SIGKILL'))
  `
  const child = execFile('sh', [
    '-c',
    'ulimit -f 512; exec "$@"',
    'sh',
    process.execPath,
    '--input-type=module',
    '--eval',
    script,
    file,
  ])
  let output = ''
  child.stdout?.on('data', (chunk: string) => (output += chunk))
  await once(child, 'close')
  const outcomes = JSON.parse(output) as string[]
  expect(new Set(outcomes)).toEqual(new Set(['stored', 'rejected']))

  const outbox = await open({ now: () => Date.now() + 60_000 })
  const stored = outcomes.flatMap((outcome, n) => (outcome === 'stored' ? [String(n)] : []))
  expect((await outbox.stats()).waiting).toBe(stored.length)
  const found = []
  for (let claim = await outbox.claim(); claim; claim = await outbox.claim()) found.push(claim.job.i)
  expect(found).toEqual(stored)
})

it('knows no job of a commit that failed: what shared it is stored all the same', async () => {
  const outbox = await open()
  await outbox.add(createJob())
  const { database } = await openSqlite(file)
  try {
    database.exec("CREATE TRIGGER noRoom BEFORE INSERT ON known BEGIN SELECT RAISE(ABORT, 'no room'); END")
    const job = createJob()
    const [added, pruned] = await Promise.allSettled([outbox.add(job), outbox.prune()])
    expect([added, pruned.status]).toEqual([{ status: 'fulfilled', value: 'stored' }, 'rejected'])
    expect((await outbox.stats()).waiting).toBe(2)
    expect(await outbox.add(job)).toBe('known')
    expect((await outbox.stats()).waiting).toBe(2)
  } finally {
    database.close()
  }
})

it('is a file whatever its name: SQLite has a name for a database in memory', async () => {
  const before = process.cwd
  process.cwd = () => folder
  try {
    file = ':memory:'
    await (await open()).add(createJob())
    expect((await (await open()).stats()).waiting).toBe(1)
    expect(await readdir(folder)).toContain(':memory:')
  } finally {
    process.cwd = before
  }
})
