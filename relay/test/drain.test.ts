import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { StandIn, StandInOptions } from '../../demo/standin/index.js'
import { startStandIn } from '../../demo/standin/index.js'
import { memoryOutbox } from '../src/memoryOutbox.js'
import type { ServeOptions } from '../src/node/index.js'
import { serve } from '../src/node/index.js'
import type { RelayEvent } from '../src/report.js'
import { createJob } from './outbox.suite.js'
import type { Person } from './support/postPeople.js'
import { createPeople, postPeople } from './support/postPeople.js'
import { apiKey, page } from './support/startRelay.js'

const start = async (options: Partial<ServeOptions> & Pick<ServeOptions, 'apiUrl'>) => {
  const events: RelayEvent[] = []
  const relay = await serve({
    subdomain: 'acme',
    apiKey,
    allowedOrigins: [page],
    clientPerMinute: 1_000_000,
    port: 0,
    outbox: 'memory:',
    report: (event) => events.push(event),
    ...options,
  })
  onTestFinished(() => relay.close())
  return { relay, events }
}
const startUsercom = async (options?: StandInOptions): Promise<StandIn> => {
  const standIn = await startStandIn(options)
  onTestFinished(() => standIn.close())
  return standIn
}
const createFile = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'usercom-drain-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return `sqlite:${join(folder, 'outbox.db')}`
}
const until = (isTrue: () => boolean, timeoutMs = 50_000) =>
  vi.waitUntil(isTrue, { timeout: timeoutMs, interval: 20 })
const emails = ({ users }: StandIn) => users.map(({ email }) => email).sort()
const emailsOf = (people: Person[]) => people.map(({ attributes }) => attributes.email).sort()
const statuses = (answers: { status: number }[]) => [...new Set(answers.map(({ status }) => status))]
const settledAs = (events: RelayEvent[], as: string) =>
  events.filter((event) => event.event === 'settled' && event.as === as)

describe('drain', () => {
  it('brings a burst of 200 over 32 connections to User.com without one 429, as fast as the limit lets it', async () => {
    const standIn = await startUsercom({ requestsPerSecond: 10, latencyMs: 20 })
    const { relay, events } = await start({
      apiUrl: standIn.url,
      knownEmail: 'create',
      outbox: await createFile(),
    })
    const people = createPeople(200)
    const answers = await postPeople(relay.url, people)
    expect(statuses(answers)).toEqual([202])
    expect(standIn.requests.length, 'answered while the most of them still wait').toBeLessThan(100)

    await until(() => standIn.users.length === 200)
    await until(() => settledAs(events, 'delivered').length === 200)
    expect(statuses(standIn.requests)).toEqual([201])
    expect(emails(standIn)).toEqual(emailsOf(people))
    const durations = events.flatMap((event) => (event.event === 'upstream' ? [event.durationMs] : []))
    const latencyMs = durations.reduce((sum, ms) => sum + ms, 0) / durations.length
    // Ten slots, each used again a second after its answer: nineteen times.
    const theoreticalMs = 19 * (1_000 + latencyMs)
    const times = standIn.requests.map(({ at }) => at)
    expect((Math.max(...times) - Math.min(...times)) / theoreticalMs).toBeLessThan(1.1)
  })

  describe('the same email from five devices at once', () => {
    const identifyFive = async (knownEmail: NonNullable<ServeOptions['knownEmail']>) => {
      const standIn = await startUsercom()
      let open = () => {}
      const opened = new Promise<void>((resolve) => (open = resolve))
      standIn.behave(async () => {
        await opened
        return undefined
      })
      const { relay, events } = await start({ apiUrl: standIn.url, knownEmail, outbox: await createFile() })
      for (let n = 0; n < 5; n += 1) {
        const email = n % 2 ? 'SAME@example.org' : 'same@example.org'
        const attributes = { email, first_name: `Name ${n}`, tags: [`tag ${n}`, 'all'] }
        const [person] = createPeople(1)
        await postPeople(relay.url, [{ i: person?.i ?? '', attributes }])
      }
      open()
      await until(() => settledAs(events, 'delivered').length === 5)
      return standIn
    }
    const allTags = ['all', 'tag 0', 'tag 1', 'tag 2', 'tag 3', 'tag 4']
    const written = ({ requests }: StandIn) => requests.map(({ method }) => method).sort()

    it('add-tags: one person, the first name, all tags', async () => {
      const standIn = await identifyFive('add-tags')
      expect(standIn.users).toMatchObject([{ first_name: 'Name 0' }])
      expect([...(standIn.users[0]?.tags ?? [])].sort()).toEqual(allTags)
      // Whom it made it remembers: one look-up only.
      expect(written(standIn)).toEqual(['GET', 'POST', 'PUT', 'PUT', 'PUT', 'PUT'])
      for (const { method, body } of standIn.requests)
        if (method === 'PUT') expect(Object.keys(JSON.parse(body) as object)).toEqual(['tags'])
    })

    it('update: one person, the last name, all tags', async () => {
      const standIn = await identifyFive('update')
      expect(standIn.users).toMatchObject([{ first_name: 'Name 4' }])
      expect([...(standIn.users[0]?.tags ?? [])].sort()).toEqual(allTags)
    })

    it('leave: one person, as they were', async () => {
      const standIn = await identifyFive('leave')
      expect(standIn.users).toMatchObject([{ first_name: 'Name 0', tags: ['tag 0', 'all'] }])
      expect(written(standIn)).toEqual(['GET', 'POST'])
    })

    it('create: five people, and no look-up', async () => {
      const standIn = await identifyFive('create')
      expect(standIn.users.map(({ first_name }) => first_name)).toEqual([
        'Name 0',
        'Name 1',
        'Name 2',
        'Name 3',
        'Name 4',
      ])
      expect(new Set(written(standIn))).toEqual(new Set(['POST']))
    })
  })

  it('finds whom User.com has from elsewhere, and makes anew whom it has lost', async () => {
    const standIn = await startUsercom()
    const { relay, events } = await start({ apiUrl: standIn.url })
    const identify = async (tags: string[]) => {
      const before = settledAs(events, 'delivered').length
      const [person] = createPeople(1)
      await postPeople(relay.url, [
        { i: person?.i ?? '', attributes: { email: 'known@example.org', first_name: 'New', tags } },
      ])
      await until(() => settledAs(events, 'delivered').length === before + 1)
    }
    const { url } = standIn
    await fetch(`${url}users/`, {
      method: 'POST',
      headers: { authorization: `Token ${apiKey}`, accept: '*/*; version=2' },
      body: JSON.stringify({ email: 'known@example.org', first_name: 'Old' }),
    })
    await identify(['a'])
    expect(standIn.users).toMatchObject([{ first_name: 'Old', tags: ['a'] }])
    standIn.users.length = 0
    await identify(['b'])
    expect(standIn.users).toMatchObject([{ first_name: 'New', tags: ['b'] }])
  })

  it('writes a verified person by their custom_id, without a look-up', async () => {
    const standIn = await startUsercom()
    const outbox = memoryOutbox()
    await outbox.add({ ...createJob({ custom_id: 'c-1', first_name: 'First' }), verified: true })
    await outbox.add({ ...createJob({ custom_id: 'c-1', first_name: 'Second' }), verified: true })
    await start({ apiUrl: standIn.url, outbox })
    await until(() => standIn.requests.filter(({ status }) => status > 0).length === 2)
    expect(standIn.requests.map(({ path }) => path)).toEqual([
      '/users/update_or_create/',
      '/users/update_or_create/',
    ])
    expect(standIn.users).toMatchObject([{ custom_id: 'c-1', first_name: 'Second' }])
  })

  it('loses nothing while User.com is down for ten seconds', async () => {
    const first = await startStandIn()
    const { url } = first
    await first.close()
    const { relay, events } = await start({ apiUrl: url, knownEmail: 'create', outbox: await createFile() })
    const people = createPeople(20)
    expect(statuses(await postPeople(relay.url, people))).toEqual([202])
    const downSince = Date.now()
    await until(() => Date.now() - downSince > 10_000)
    expect(settledAs(events, 'again').length, 'tried meanwhile').toBeGreaterThanOrEqual(40)
    const standIn = await startUsercom({ port: Number(new URL(url).port) })
    await until(() => settledAs(events, 'delivered').length === 20)
    expect(emails(standIn)).toEqual(emailsOf(people))
  })

  it('obeys Retry-After where User.com takes less than it believes, and loses nothing', async () => {
    const standIn = await startUsercom()
    let throttledAt = 0
    standIn.behave((seen) => {
      if (throttledAt) return undefined
      throttledAt = seen.at
      return new Response('{"detail":"Request was throttled."}', {
        status: 429,
        headers: { 'retry-after': '3', 'content-type': 'application/json' },
      })
    })
    const { relay, events } = await start({
      apiUrl: standIn.url,
      knownEmail: 'create',
      upstreamPerSecond: 40,
    })
    const people = createPeople(60)
    expect(statuses(await postPeople(relay.url, people))).toEqual([202])
    await until(() => settledAs(events, 'delivered').length === 60)
    expect(emails(standIn)).toEqual(emailsOf(people))
    // What was on its way already still comes in; then nothing for three seconds.
    const afterMs = standIn.requests.map(({ at }) => at - throttledAt)
    expect(afterMs.filter((ms) => ms > 1_000 && ms < 2_990)).toEqual([])
    expect(
      settledAs(events, 'delivered').every((event) => event.event === 'settled' && event.attempts === 0),
    ).toBe(true)
  })

  it('keeps everything behind a wrong key; with the right one it all arrives after a restart', async () => {
    const standIn = await startUsercom({ apiKey })
    const outbox = await createFile()
    const wrong = await start({ apiUrl: standIn.url, apiKey: 'Xy'.repeat(32), outbox })
    const people = createPeople(30)
    expect(statuses(await postPeople(wrong.relay.url, people))).toEqual([202])
    await until(() => wrong.events.some(({ event }) => event === 'stopped'))
    await wrong.relay.close()
    expect(standIn.requests.length).toBeLessThanOrEqual(10)
    expect(statuses(standIn.requests)).toEqual([401])
    expect(standIn.users).toEqual([])

    const right = await start({ apiUrl: standIn.url, outbox, knownEmail: 'create' })
    await until(() => settledAs(right.events, 'delivered').length === 30)
    expect(emails(standIn)).toEqual(emailsOf(people))
    expect(statuses(await postPeople(right.relay.url, people)), 'the same calls again').toEqual([202])
    await right.relay.close()
    expect(standIn.users).toHaveLength(30)
  })

  it('refuses what is over its bound with a Retry-After that fits the backlog', async () => {
    const standIn = await startUsercom()
    standIn.behave(() => new Response('', { status: 503 }))
    const { relay } = await start({ apiUrl: standIn.url, maxOutbox: 45 })
    const people = createPeople(50)
    const answers = await postPeople(relay.url, people)
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(45)
    expect(answers.filter(({ status }) => status !== 202)).toEqual(
      Array.from({ length: 5 }, () => ({ status: 503, retryAfter: '5' })),
    )
  })

  it('answers 503 with Retry-After, at once, where nothing can be stored', async () => {
    const standIn = await startUsercom()
    const outbox = memoryOutbox()
    const { relay, events } = await start({
      apiUrl: standIn.url,
      outbox: {
        ...outbox,
        add: async () => Promise.reject(Object.assign(new Error('disk is full'), { code: 'SQLITE_FULL' })),
      },
    })
    expect(await postPeople(relay.url, createPeople(1))).toEqual([{ status: 503, retryAfter: '5' }])
    expect(events).toContainEqual({ event: 'failed', where: 'store', error: 'Error SQLITE_FULL' })
    expect(standIn.requests).toEqual([])
  })
})
