import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { StandIn, StandInOptions } from '../../demo/standin/index.js'
import { startStandIn } from '../../demo/standin/index.js'
import type { Person } from './support/postPeople.js'
import { createPeople, postPeople } from './support/postPeople.js'
import { startRedis } from './support/redis.js'
import { startCommand } from './support/startCommand.js'
import { apiKey, page } from './support/startRelay.js'

const startUsercom = async (options: StandInOptions): Promise<StandIn> => {
  const standIn = await startStandIn(options)
  onTestFinished(() => standIn.close())
  return standIn
}
const startServer = async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  return redis
}
/** The built command: what is killed here is a process. */
const startRelayCommand = async (environment: Record<string, string>) => {
  const { child, exited, listening, output } = startCommand({
    USERCOM_SUBDOMAIN: 'acme',
    USERCOM_API_KEY: apiKey,
    RELAY_ALLOWED_ORIGINS: page,
    RELAY_CLIENT_PER_MINUTE: '1000000',
    RELAY_KNOWN_EMAIL: 'create',
    PORT: '0',
    ...environment,
  })
  const url = await listening()
  return {
    url,
    output,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
const readMetric = async (url: string, name: string): Promise<number> =>
  Number(new RegExp(`^${name} (\\S+)`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1])
const emailsOf = (people: Person[]) => people.map(({ attributes }) => attributes['email']).sort()

describe('relays on one Redis', () => {
  it('stay under the limit together, without one 429', async () => {
    const [redis, standIn] = await Promise.all([
      startServer(),
      startUsercom({ requestsPerSecond: 10, latencyMs: 20 }),
    ])
    const environment = { USERCOM_API_URL: standIn.url, RELAY_OUTBOX: redis.url }
    const relays = await Promise.all([startRelayCommand(environment), startRelayCommand(environment)])
    const people = createPeople(60)
    const answers = await Promise.all(
      relays.map(({ url }, n) => postPeople(url, people.slice(n * 30, n * 30 + 30))),
    )
    expect(new Set(answers.flat().map(({ status }) => status))).toEqual(new Set([202]))
    await vi.waitUntil(() => standIn.users.length === 60, { timeout: 40_000 })
    expect(new Set(standIn.requests.map(({ status }) => status))).toEqual(new Set([201]))
    expect(standIn.users.map(({ email }) => email).sort()).toEqual(emailsOf(people))
    const delivered = await Promise.all(
      relays.map(({ url }) => readMetric(url, 'usercom_relay_delivered_total')),
    )
    expect(Math.min(...delivered), 'both drain').toBeGreaterThan(0)
  })

  it('lose nothing when one of them is killed, nor when Redis is killed and comes back', async () => {
    const upstreamPerSecond = 400
    const [redis, standIn] = await Promise.all([
      startServer(),
      startUsercom({ requestsPerSecond: 2 * upstreamPerSecond, latencyMs: 20 }),
    ])
    const environment = {
      USERCOM_API_URL: standIn.url,
      RELAY_OUTBOX: redis.url,
      RELAY_UPSTREAM_PER_SECOND: String(upstreamPerSecond),
    }
    const [doomed, survivor] = await Promise.all([
      startRelayCommand(environment),
      startRelayCommand(environment),
    ])
    const people = createPeople(2_000)
    const accepted = new Set<Person>()
    let inFlight = 0
    /** What User.com was asked for a moment ago: its answers, or the notes of them, may not have been written. */
    const countInFlight = () => standIn.requests.filter(({ at }) => at > Date.now() - 500).length
    let killRelay: (() => void) | undefined
    let killRedis: (() => void) | undefined
    const relayKilled = new Promise<void>((resolve) => {
      killRelay = () => {
        killRelay = undefined
        inFlight += countInFlight()
        resolve(doomed.kill())
      }
    })
    const redisBack = new Promise<void>((resolve) => {
      killRedis = () => {
        killRedis = undefined
        inFlight += countInFlight()
        resolve(redis.kill().then(() => redis.restart()))
      }
    })
    const onAnswer = (person: Person, { status }: { status: number }) => {
      if (status !== 202) return
      accepted.add(person)
      if (accepted.size > 500) killRelay?.()
      if (accepted.size > 1_200) killRedis?.()
    }
    // A page keeps what was not answered 202, and tries again with the same i.
    for (let round = 0; accepted.size < people.length && round < 200; round += 1) {
      const left = people.filter((person) => !accepted.has(person))
      const half = round ? 0 : Math.ceil(left.length / 2)
      await Promise.all([
        postPeople(doomed.url, left.slice(0, half), onAnswer, 16),
        postPeople(survivor.url, left.slice(half), onAnswer, 16),
      ])
    }
    await Promise.all([relayKilled, redisBack])
    expect(accepted.size).toBe(people.length)

    const arrived = () => new Set(standIn.users.map(({ email }) => email))
    await vi.waitUntil(() => arrived().size === people.length, { timeout: 50_000, interval: 50 })
    await vi.waitUntil(async () => (await readMetric(survivor.url, 'usercom_relay_outbox_waiting')) === 0, {
      timeout: 50_000,
      interval: 100,
    })
    expect([...arrived()].sort()).toEqual(emailsOf(people))
    expect(standIn.users.length - people.length).toBeLessThanOrEqual(inFlight)
    expect(standIn.requests.filter(({ status }) => status === 429)).toEqual([])
  }, 150_000)

  it('say 503 while Redis is away, and are ready again when it is back', async () => {
    const [redis, standIn] = await Promise.all([startServer(), startUsercom({})])
    const { url, output } = await startRelayCommand({ USERCOM_API_URL: standIn.url, RELAY_OUTBOX: redis.url })
    const readiness = async () => {
      const answer = await fetch(`${url}/readyz`)
      return { status: answer.status, ...((await answer.json()) as { reason?: string }) }
    }
    expect(await readiness()).toMatchObject({ status: 'ready' })
    await redis.kill()
    const people = createPeople(3)
    expect(await postPeople(url, people)).toEqual(
      Array.from({ length: 3 }, () => ({ status: 503, retryAfter: '5' })),
    )
    expect(await readiness()).toMatchObject({ reason: 'outbox' })
    expect(await readMetric(url, 'usercom_relay_outbox_up')).toBe(0)
    await redis.restart()
    await vi.waitUntil(async () => (await fetch(`${url}/readyz`)).status === 200, { timeout: 30_000 })
    expect(new Set((await postPeople(url, people)).map(({ status }) => status))).toEqual(new Set([202]))
    await vi.waitUntil(() => standIn.users.length === 3, { timeout: 30_000 })
    expect(output.stdout + output.stderr).not.toMatch(/person-\d|redis:\/\//)
  })
})
