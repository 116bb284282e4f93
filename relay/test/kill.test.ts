import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { StandIn, StandInOptions } from '../../demo/standin/index.js'
import { startStandIn } from '../../demo/standin/index.js'
import type { Person } from './support/postPeople.js'
import { createPeople, postPeople } from './support/postPeople.js'
import { apiKey, page } from './support/startRelay.js'

const command = fileURLToPath(new URL('../bin/usercom-relay.js', import.meta.url))

const until = (isTrue: () => boolean) => vi.waitUntil(isTrue, { timeout: 60_000, interval: 5 })
const emailsOf = (people: Person[]) => people.map(({ attributes }) => attributes.email).sort()
const emails = ({ users }: StandIn) => users.map(({ email }) => email).sort()

const setUp = async (options: StandInOptions) => {
  const standIn = await startStandIn(options)
  const folder = await mkdtemp(join(tmpdir(), 'usercom-kill-'))
  onTestFinished(async () => {
    await standIn.close()
    await rm(folder, { recursive: true })
  })
  /** The built command as a process of its own, on the same outbox each time. */
  const startRelay = async (environment: Record<string, string> = {}, wrapper: string[] = []) => {
    const [program = '', ...parameters] = [...wrapper, process.execPath, command]
    const child = spawn(program, parameters, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        USERCOM_SUBDOMAIN: 'acme',
        USERCOM_API_KEY: apiKey,
        USERCOM_API_URL: standIn.url,
        RELAY_ALLOWED_ORIGINS: page,
        RELAY_CLIENT_PER_MINUTE: '1000000',
        RELAY_KNOWN_EMAIL: 'create',
        PORT: '0',
        ...environment,
      },
    })
    const exited = once(child, 'exit') as Promise<[number | null, string | null]>
    let output = ''
    const url = new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        const found = /http:\/\/[\d.:]+/.exec(output)?.[0]
        if (found) resolve(found)
      })
      void exited.then(() => reject(new Error(`The relay ended: ${output}`)))
    })
    const end = async (signal: NodeJS.Signals) => {
      child.kill(signal)
      return exited
    }
    onTestFinished(async () => {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL')
    })
    return { url: await url, end }
  }
  return { standIn, startRelay, folder }
}

describe('the relay as a process', () => {
  it('loses nothing when it is killed three times while accepting and draining', async () => {
    const { standIn, startRelay } = await setUp({ requestsPerSecond: 1_000, latencyMs: 20 })
    const people = createPeople(2_000)
    const accepted = new Set<Person>()
    let inFlight = 0

    const waiting = [...people]
    for (let round = 0; round < 4; round += 1) {
      const relay = await startRelay({ RELAY_UPSTREAM_PER_SECOND: '150' })
      const note = (person: Person, { status }: { status: number }) => {
        if (status === 202) accepted.add(person)
        else waiting.push(person)
      }
      await postPeople(relay.url, waiting.splice(0, round < 3 ? 400 : 2_000), note)
      if (round === 3) break
      // It drains what it has, and more comes in: in the middle of that it is killed.
      const before = standIn.users.length
      await until(() => standIn.users.length > before + 100)
      const target = accepted.size + 100
      const posting = postPeople(relay.url, waiting.splice(0, 300), note)
      await until(() => accepted.size >= target)
      const killedAt = Date.now()
      await relay.end('SIGKILL')
      await posting
      // Unanswered, or answered so shortly before that it may not have been written down.
      inFlight += standIn.requests.filter(({ status, at }) => status === 0 || at > killedAt - 300).length
    }
    expect(accepted.size, 'a page repeats what was not answered').toBe(2_000)

    const arrived = () => new Set(standIn.users.map(({ email }) => email))
    await until(() => arrived().size === 2_000)
    expect([...arrived()].sort()).toEqual(emailsOf(people))
    expect(standIn.users.length - 2_000).toBeLessThanOrEqual(inFlight)
    expect(standIn.requests.every(({ status }) => status !== 429)).toBe(true)
  }, 150_000)

  it('on SIGTERM ends what is under way, exits 0, and goes on with the rest at the next start', async () => {
    const { standIn, startRelay } = await setUp({ latencyMs: 400 })
    const people = createPeople(30)
    const first = await startRelay()
    await postPeople(first.url, people)
    await until(() => standIn.requests.length >= 10)
    const exit = first.end('SIGTERM')
    expect(await exit).toEqual([0, null])
    expect(standIn.requests.map(({ status }) => status)).toEqual(standIn.requests.map(() => 201))
    const [late] = await postPeople(first.url, createPeople(1, 'late'))
    expect(late?.status).toBe(0)

    const second = await startRelay()
    await until(() => standIn.users.length === 30)
    expect(await second.end('SIGTERM')).toEqual([0, null])
    expect(emails(standIn)).toEqual(emailsOf(people))
    expect(standIn.requests).toHaveLength(30)
  })

  it('on a full disk answers 503 with Retry-After, and has stored what it took', async () => {
    const { standIn, startRelay } = await setUp({})
    standIn.behave(() => new Response('', { status: 503 }))
    const people = createPeople(300)
    for (const { attributes } of people) attributes.text = 'x'.repeat(3_000)
    // No file may grow beyond 1,000 blocks of 512 bytes: as a full disk, without needing one.
    const full = await startRelay({}, ['sh', '-c', 'ulimit -f 1000; exec "$@"', 'sh'])
    const answers = await postPeople(full.url, people)
    const taken = people.filter((_, n) => answers[n]?.status === 202)
    expect(taken.length).toBeGreaterThan(0)
    expect(taken.length).toBeLessThan(300)
    for (const { status, retryAfter } of answers)
      if (status !== 202) expect([status, retryAfter]).toEqual([503, '5'])
    await full.end('SIGKILL')

    standIn.behave()
    await startRelay()
    await until(() => standIn.users.length >= taken.length)
    expect(emails(standIn)).toEqual(emailsOf(taken))
  })
})
