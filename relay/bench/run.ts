import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startRedis } from '../test/support/redis.js'
import { startUpstream } from '../test/support/startUpstream.js'
import type { LoadOrder, LoadResult } from './load.js'
import { measureMillionWaiting } from './millionWaiting.js'
import type { Server } from './startServer.js'
import { relayCommand, startServer, toFloor } from './startServer.js'

/**
 * `npm run bench`: accepts per second of the relay beside a bare server. BENCH_FLOORS=1 adds bare servers that do nothing
 * but use what the relay is built on: no relay on the same libraries can be faster than they are.
 */

/** Rounds take turns, so that whatever else the machine does falls on all of them alike. */
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5)
const only = process.env['BENCH_ONLY']?.split(',')
const connections = 64
const requestsEach = Number(process.env['BENCH_REQUESTS'] ?? 800)
const warmUpEach = 200
const origin = 'https://www.example.org'

const folder = await mkdtemp(join(tmpdir(), 'usercom-bench-'))
const redis = await startRedis()
const upstream = await startUpstream()
const client = fork(fileURLToPath(new URL('load.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] })

const environment = {
  USERCOM_SUBDOMAIN: 'acme',
  USERCOM_API_KEY: 'Zk'.repeat(32),
  USERCOM_API_URL: upstream.url,
  RELAY_ALLOWED_ORIGINS: origin,
  // One address stands for all visitors here.
  RELAY_CLIENT_PER_MINUTE: '1000000',
  RELAY_UNVERIFIED_PER_HOUR: '1000000000',
  PORT: '0',
}
let files = 0
const startRelay = (outbox: string) => startServer(relayCommand, { ...environment, RELAY_OUTBOX: outbox })
const newFile = () => join(folder, `${(files += 1)}.db`)
const newDatabase = () => `${redis.url}/${(files += 1) % 16}`
const servers: Record<string, { target?: number; start(): Promise<Server> }> = {
  bare: { start: () => startServer(toFloor('bare')) },
  memory: { target: 0.75, start: () => startRelay('memory:') },
  sqlite: { target: 0.75, start: () => startRelay(`sqlite:${newFile()}`) },
  redis: { target: 0.3, start: () => startRelay(newDatabase()) },
  ...(process.env['BENCH_FLOORS'] && {
    'srvx alone': { start: () => startServer(toFloor('srvx')) },
    'SQLite alone': { start: () => startServer(toFloor('sqlite'), { FLOOR_FILE: newFile() }) },
    'BullMQ alone': { start: () => startServer(toFloor('bullmq'), { FLOOR_REDIS: redis.url }) },
  }),
}

const load = async (order: LoadOrder): Promise<LoadResult> => {
  client.send(order)
  const [result] = (await once(client, 'message')) as [LoadResult]
  if (result.others) throw new Error(`${result.others} answers were not 202`)
  return result
}

const seen = new Map<string, LoadResult[]>()
const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

try {
  for (let round = 0; round < rounds; round += 1)
    for (const [name, { start }] of Object.entries(servers)) {
      if (only && name !== 'bare' && !only.includes(name)) continue
      const server = await start()
      const order = { url: server.url, origin, connections }
      await load({ ...order, requestsEach: warmUpEach })
      seen.set(name, [...(seen.get(name) ?? []), await load({ ...order, requestsEach })])
      await server.stop()
    }

  console.log(`accepts of 255 bytes over ${connections} connections, medians of ${rounds} rounds`)
  console.log('              per second   p99 ms   of bare   at least')
  const bare = seen.get('bare') ?? []
  for (const [name, results] of seen) {
    const ratios = results.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? NaN))
    const target = servers[name]?.target
    console.log(
      name.padEnd(12),
      median(results.map(({ perSecond }) => perSecond))
        .toFixed(0)
        .padStart(11),
      median(results.map(({ p99Ms }) => p99Ms))
        .toFixed(1)
        .padStart(8),
      median(ratios).toFixed(2).padStart(9),
      (target?.toFixed(2) ?? '').padStart(10),
    )
  }
  if (!only || only.includes('million')) {
    const { waiting, startMs, residentMiB } = await measureMillionWaiting(
      join(folder, 'million.db'),
      environment,
    )
    console.log(
      `${waiting} waiting in SQLite: started in ${startMs.toFixed(0)} ms (under 1000), at most ${residentMiB.toFixed(0)} MiB resident (under 200)`,
    )
  }
} finally {
  client.kill()
  await Promise.all([redis.stop(), upstream.close()])
  await rm(folder, { recursive: true, force: true })
}
