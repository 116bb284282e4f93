/**
 * One minute of good and hostile traffic together: every answer must be the expected one, and resident memory flat.
 * `tsx bench/mixedTraffic.ts`; BENCH_SECONDS and BENCH_PER_SECOND for other lengths.
 */
import { randomInt, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startUpstream } from '../test/support/startUpstream.js'
import { relayCommand, startServer } from './startServer.js'

const seconds = Number(process.env['BENCH_SECONDS'] ?? 60)
const perSecond = Number(process.env['BENCH_PER_SECOND'] ?? 300)
const tickMs = 50
/** What a third of the time may add; the backlog grows meanwhile, but in a file. */
const allowedGrowth = 1.15
const origin = 'https://www.example.org'
const flooder = '198.51.100.66'

const folder = await mkdtemp(join(tmpdir(), 'usercom-traffic-'))
const upstream = await startUpstream()
const server = await startServer(relayCommand, {
  USERCOM_SUBDOMAIN: 'acme',
  USERCOM_API_KEY: 'Zk'.repeat(32),
  USERCOM_API_URL: upstream.url,
  RELAY_ALLOWED_ORIGINS: origin,
  RELAY_TOKEN_SECRET: 'a secret of the site of 32 bytes',
  RELAY_TRUST_PROXY: '1',
  RELAY_OUTBOX: `sqlite:${join(folder, 'outbox.db')}`,
  PORT: '0',
})
const target = new URL(server.url)

interface Kind {
  weight: number
  expected: number[]
  path?: string
  init: () => RequestInit
}

const address = () => `203.0.${randomInt(256)}.${randomInt(1, 255)}`
const post = (body: string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { origin, 'content-type': 'text/plain', 'x-forwarded-for': address(), ...headers },
  body,
})
const good = () =>
  JSON.stringify({ email: `${randomUUID()}@example.org`, first_name: ' Ann ', tags: ['new', ' new '] })
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const forged = () =>
  `Bearer ${part({ alg: 'none' })}.${part({ sub: '1', aud: 'usercom-relay', exp: 9e9 })}.AAAA`

const kinds: Record<string, Kind> = {
  good: { weight: 12, expected: [202], init: () => post(good()) },
  'attributes refused': { weight: 2, expected: [400], init: () => post('{"email":"a@@b.co","id":1}') },
  'no JSON': { weight: 2, expected: [400], init: () => post('{"email":') },
  'deep JSON': { weight: 2, expected: [400], init: () => post('['.repeat(32_000)) },
  __proto__: { weight: 1, expected: [400], init: () => post('{"__proto__":{"a":1},"email":"a@b.co"}') },
  'another custom_id': { weight: 2, expected: [400], init: () => post('{"custom_id":"7"}') },
  'forged token': { weight: 2, expected: [401], init: () => post(good(), { authorization: forged() }) },
  'another origin': {
    weight: 2,
    expected: [403],
    init: () => post(good(), { origin: 'https://evil.example' }),
  },
  'a form': {
    weight: 1,
    expected: [415],
    init: () => post(good(), { 'content-type': 'multipart/form-data' }),
  },
  compressed: { weight: 1, expected: [415], init: () => post(good(), { 'content-encoding': 'gzip' }) },
  'too large': { weight: 1, expected: [413], init: () => post('x'.repeat(40_000)) },
  GET: { weight: 1, expected: [405], init: () => ({ method: 'GET', headers: { origin } }) },
  'another path': { weight: 1, expected: [404], path: '/../../etc/passwd', init: () => ({}) },
  'one who floods': {
    weight: 2,
    expected: [202, 429],
    init: () => post(good(), { 'x-forwarded-for': `6.6.6.6, ${flooder}` }),
  },
}
const lots = Object.entries(kinds).flatMap(([name, { weight }]) => Array<string>(weight).fill(name))

const counts = new Map<string, number>()
let unexpected = 0
const ask = async (name: string) => {
  const { expected, path = '/identify', init } = kinds[name] as Kind
  const result = await fetch(server.url + path, init()).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.status
    },
    (error: unknown) => String(error),
  )
  const key = `${name.padEnd(20)} ${result}`
  counts.set(key, (counts.get(key) ?? 0) + 1)
  if (!expected.includes(Number(result))) unexpected += 1
}

/** Connects, sends half a request and goes away. */
const abandon = () => {
  const socket = connect(Number(target.port), target.hostname, () => {
    socket.write('POST /identify HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"em')
    setTimeout(() => socket.destroy(), 200)
  })
  socket.on('error', () => {})
}

const residentBytes = async () => {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1])
}

const samples: number[] = []
const underWay = new Set<Promise<void>>()
const startedAt = performance.now()
let sent = 0
while (performance.now() - startedAt < seconds * 1_000) {
  const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond)
  for (; sent < due; sent += 1) {
    const asked = ask(lots[randomInt(lots.length)] as string)
    underWay.add(asked)
    void asked.then(() => underWay.delete(asked))
    if (sent % 30 === 0) abandon()
  }
  if (samples.length < (performance.now() - startedAt) / 2_000) samples.push(await residentBytes())
  await new Promise((resolve) => setTimeout(resolve, tickMs))
}
await Promise.all(underWay)
await server.stop()
await upstream.close()
await rm(folder, { recursive: true })

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
const third = Math.floor(samples.length / 3)
const before = median(samples.slice(third, 2 * third))
const after = median(samples.slice(2 * third))
const toMegabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1)

for (const [key, count] of [...counts].sort()) console.log(`${key} ${String(count).padStart(7)}`)
console.log(`${sent} requests in ${seconds} s, ${unexpected} with an unexpected answer`)
console.log(`resident memory: ${samples.map(toMegabytes).join(' ')} MB`)
console.log(`median of the second third ${toMegabytes(before)} MB, of the last ${toMegabytes(after)} MB`)
if (unexpected || after > before * allowedGrowth) process.exitCode = 1
