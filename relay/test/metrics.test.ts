import { get } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { startRelay, unsaid } from './support/startRelay.js'
import type { UpstreamAnswer, UpstreamCall } from './support/startUpstream.js'
import { answerAsNew } from './support/startUpstream.js'

const person = (n: number) => ({ email: `person-${n}@example.org`, first_name: 'Zsófia', tags: ['new'] })

const start = async (
  answer?: (call: UpstreamCall) => UpstreamAnswer,
  options: Parameters<typeof startRelay>[0] = {},
) => {
  const relay = await startRelay({ outbox: 'memory:', knownEmail: 'create', ...options }, answer)
  const metrics = async () => (await relay.request('/metrics')).text
  const metric = async (name: string) => {
    const line = (await metrics()).split('\n').find((text) => text.startsWith(`${name} `))
    return line === undefined ? undefined : Number(line.slice(name.length))
  }
  return { ...relay, metrics, metric }
}

describe('/metrics', () => {
  it('counts what was accepted, refused and why, delivered, and how long User.com took', async () => {
    const { post, request, metric, metrics } = await start()
    for (let n = 0; n < 3; n += 1) await post(person(n))
    await post({ email: 'no email' })
    await post(person(4), { headers: { origin: 'https://evil.example' } })
    await request('/identify')
    await vi.waitUntil(async () => (await metric('usercom_relay_delivered_total')) === 3)
    expect(await metric('usercom_relay_accepted_total')).toBe(3)
    expect(await metric('usercom_relay_refused_total{reason="attributes"}')).toBe(1)
    expect(await metric('usercom_relay_refused_total{reason="origin"}')).toBe(1)
    expect(await metric('usercom_relay_refused_total{reason="method"}')).toBe(1)
    expect(await metric('usercom_relay_upstream_seconds_count{call="create",outcome="delivered"}')).toBe(3)
    expect(await metric('usercom_relay_outbox_waiting')).toBe(0)
    expect(await metric('usercom_relay_outbox_oldest_age_seconds')).toBe(0)
    expect(await metric('usercom_relay_upstream_slots')).toBe(10)
    expect(await metric('usercom_relay_drain_per_second')).toBeGreaterThan(0)
    expect(await metric('nodejs_eventloop_lag_seconds')).toBeDefined()

    const text = await metrics()
    expect(text).toMatch(/^# TYPE usercom_relay_upstream_seconds histogram$/m)
    for (const secret of [...unsaid, 'person-', 'Zsófia', 'example.org', 'evil'])
      expect(text).not.toContain(secret)
  })

  it('shows a backlog, what is put off, and the dead', async () => {
    let answer: UpstreamAnswer = { status: 503 }
    const { post, metric } = await start((call) =>
      call.body.includes('-7@') ? { status: 400, body: { email: ['Enter a valid email address.'] } } : answer,
    )
    await post(person(1))
    await post(person(7))
    await vi.waitUntil(async () => (await metric('usercom_relay_dead_total')) === 1)
    await vi.waitUntil(async () => Boolean(await metric('usercom_relay_retried_total{outcome="later"}')))
    expect(await metric('usercom_relay_outbox_waiting')).toBe(1)
    expect(await metric('usercom_relay_outbox_dead')).toBe(1)
    expect(await metric('usercom_relay_outbox_oldest_age_seconds')).toBeGreaterThan(0)
    answer = { status: 201, body: { id: 7 } }
    await vi.waitUntil(async () => (await metric('usercom_relay_outbox_waiting')) === 0, { timeout: 30_000 })
  })

  it('answers callers on this machine alone, and no proxy that calls for others', async () => {
    const { request } = await start()
    for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])
      expect((await request('/metrics', { headers: { [header]: '127.0.0.1' } })).status).toBe(404)
    expect((await request('/metrics')).status).toBe(200)
    expect((await request('/metrics', { method: 'POST' })).status).toBe(404)
  })

  it('has a port of its own where one is set, and is nowhere else then', async () => {
    const { relay, request, post } = await start(undefined, { metricsPort: 0 })
    await post(person(1))
    expect((await request('/metrics')).status).toBe(404)
    const own = `http://127.0.0.1:${relay.metricsPort}`
    const answer = await fetch(`${own}/metrics`, { headers: { 'x-forwarded-for': '198.51.100.7' } })
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(await answer.text()).toMatch(/^usercom_relay_accepted_total 1$/m)
    expect((await fetch(`${own}/identify`, { method: 'POST' })).status).toBe(404)
  })

  it('leaves no port behind', async () => {
    const { relay } = await start(undefined, { metricsPort: 0 })
    await relay.close()
    const refused = await new Promise((resolve) => {
      get(`http://127.0.0.1:${relay.metricsPort}/metrics`, () => resolve(undefined)).on('error', resolve)
    })
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('/readyz', () => {
  it('says ready, and why not while User.com refuses the key', async () => {
    const { post, request, metric, events } = await start(({ headers }) =>
      headers.authorization ? { status: 401, body: { detail: 'Invalid token.' } } : 'hang',
    )
    expect(await request('/readyz')).toMatchObject({ status: 200, text: '{"status":"ready"}' })
    expect((await post(person(1))).status).toBe(202)
    await vi.waitUntil(() => events.some(({ event }) => event === 'stopped'))
    const answer = await request('/readyz')
    expect(answer.status).toBe(503)
    expect(JSON.parse(answer.text)).toEqual({ status: 'not ready', reason: 'key' })
    expect(await metric('usercom_relay_stopped{reason="key"}')).toBe(1)
    expect(await metric('usercom_relay_stopped{reason="redirect"}')).toBe(0)
    // It is kept, and more is taken.
    expect((await post(person(2))).status).toBe(202)
    expect(await metric('usercom_relay_outbox_waiting')).toBe(2)
  })

  it.each([
    ['redirect', { status: 307, headers: { location: 'https://elsewhere.example/' } }],
    ['path', { status: 404, body: {} }],
  ] as const)('says why not: %s', async (reason, answer) => {
    const { post, request, events } = await start(() => answer)
    await post(person(1))
    await vi.waitUntil(() => events.some(({ event }) => event === 'stopped'))
    expect(JSON.parse((await request('/readyz')).text)).toMatchObject({ reason })
  })

  it('is ready without an outbox', async () => {
    const { request } = await startRelay({}, answerAsNew)
    expect((await request('/readyz')).status).toBe(200)
    expect((await request('/metrics')).text).not.toContain('outbox_waiting')
  })
})
