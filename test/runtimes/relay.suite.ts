import { SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startStandIn, type SeenRequest, type StandIn } from '../../demo/standin'
import type { Server, StartServer } from './runtimes'
import { apiKey, page, tokenSecret } from './servers/createSite.mjs'
import { startSilent, type SilentServer } from './startSilent'

interface Post {
  path?: string
  query?: string
  method?: string
  /** Node's `fetch` sends these without judging them. */
  headers?: Record<string, string | undefined>
  body?: BodyInit
  signal?: AbortSignal
}

const john = { email: 'myemail@example.org', first_name: 'John' }
const calls = (requests: SeenRequest[]) =>
  requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)

/** What a page can see of the relay, over HTTP: the same in every runtime. */
export const describeRelay = (runtime: string, start: StartServer) =>
  describe(`the relay in ${runtime}`, () => {
    let standIn: StandIn
    let silent: SilentServer
    let server: Server
    let unanswered: ReturnType<typeof post>
    let left: Promise<unknown>
    const said: string[] = []

    const post = async (
      attributes: unknown,
      { path = '', query = '', method = 'POST', headers, body, signal }: Post = {},
    ) => {
      const response = await fetch(`${server.url}${path}/identify${query}`, {
        method,
        redirect: 'manual',
        headers: Object.entries({
          origin: page,
          'content-type': 'text/plain;charset=UTF-8',
          // What the edge adds in front of a worker; nobody else looks at it.
          'cf-connecting-ip': '192.0.2.1',
          ...headers,
        }).filter((header): header is [string, string] => header[1] !== undefined),
        ...(method !== 'GET' && method !== 'OPTIONS' && { body: body ?? JSON.stringify(attributes) }),
        ...(signal && { signal }),
        ...(body instanceof ReadableStream && { duplex: 'half' }),
      } as RequestInit)
      const text = await response.text()
      said.push(JSON.stringify([...response.headers]), text)
      return { status: response.status, headers: response.headers, text }
    }
    const identifyLeft = (signal?: AbortSignal) =>
      post({ email: 'left@example.org' }, { path: '/left', query: '?i=left', ...(signal && { signal }) })
    const issuesOf = ({ text }: { text: string }) =>
      (JSON.parse(text) as { issues: { field: string; code: string }[] }).issues.map(
        ({ field, code }) => `${field} ${code}`,
      )
    const sign = (subject: string, secret = tokenSecret) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(subject)
        .setAudience('usercom-relay')
        .setExpirationTime('5m')
        .sign(new TextEncoder().encode(secret))

    beforeAll(async () => {
      standIn = await startStandIn({ apiKey, requestsPerSecond: 1000 })
      silent = await startSilent()
      server = await start({ API_URL: standIn.url, SILENT_URL: silent.url })
      // These take ten seconds, while the other tests run.
      unanswered = post(john, { path: '/silent' })
      const closedPage = new AbortController()
      left = identifyLeft(closedPage.signal).catch((error: Error) => error.name)
      await silent.onFirst
      closedPage.abort()
    })
    afterAll(async () => {
      await server?.stop()
      silent?.stop()
      await standIn?.close()
    })
    beforeEach(() => {
      standIn.users.length = 0
      standIn.requests.length = 0
      standIn.behave()
    })

    it('trims a person and brings them to User.com', async () => {
      const answer = await post({
        email: ' trimmed@example.org ',
        first_name: ' Jürgen\u00a0',
        tags: [' new ', 'new', ''],
        born: null,
        plan: 'pro',
      })
      expect([answer.status, answer.text]).toEqual([202, ''])
      expect(answer.headers.get('access-control-allow-origin')).toBe(page)
      expect(answer.headers.get('set-cookie')).toBeNull()
      expect(calls(standIn.requests)).toEqual(['GET /users/search/', 'POST /users/'])
      expect(JSON.parse(standIn.requests[1]!.body)).toEqual({
        email: 'trimmed@example.org',
        first_name: 'Jürgen',
        tags: ['new'],
        plan: 'pro',
      })
    })

    it('takes application/json', async () => {
      const answer = await post(
        { email: 'json@example.org' },
        { headers: { 'content-type': 'application/json' } },
      )
      expect(answer.status).toBe(202)
      expect(standIn.users).toMatchObject([{ email: 'json@example.org' }])
    })

    it('only adds tags to someone who is there already, and answers the same', async () => {
      await post({ email: 'known@example.org', first_name: 'First' })
      const answer = await post({ email: 'known@example.org', first_name: 'Second', tags: ['vip'] })
      expect([answer.status, answer.text]).toEqual([202, ''])
      expect(standIn.users).toMatchObject([
        { email: 'known@example.org', first_name: 'First', tags: ['vip'] },
      ])
    })

    it('takes the same i once, while it is under way and later', async () => {
      const again = () => post({ email: 'once@example.org' }, { query: '?i=7b0e' })
      const answers = [...(await Promise.all([again(), again(), again()])), await again()]
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202])
      expect(calls(standIn.requests)).toEqual(['GET /users/search/', 'POST /users/'])
    })

    it('answers the preflight of an allowed page', async () => {
      const answer = await post(undefined, {
        method: 'OPTIONS',
        headers: {
          'content-type': undefined,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      })
      expect([answer.status, answer.text]).toEqual([204, ''])
      expect(answer.headers.get('access-control-allow-origin')).toBe(page)
      expect(answer.headers.get('access-control-allow-methods')).toContain('POST')
      expect(answer.headers.get('access-control-allow-headers')).toMatch(/authorization/i)
    })

    it.each([
      ['another page', { origin: 'https://evil.example' }],
      ['an opaque origin', { origin: 'null' }],
      ['no origin at all', { origin: undefined }],
    ])('refuses %s', async (_, headers) => {
      const answer = await post(john, { headers })
      expect(answer.status).toBe(403)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      expect(standIn.requests).toEqual([])
    })

    it('names everything that is wrong with the attributes', async () => {
      const answer = await post({
        email: 'nonsense',
        first_name: 'x'.repeat(41),
        score: 9,
        ['__proto__x']: {},
      })
      expect(answer.status).toBe(400)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(issuesOf(answer)).toEqual(
        expect.arrayContaining([
          'email email',
          'first_name max_length',
          'score not_allowed',
          '__proto__x type',
        ]),
      )
      expect(answer.text).not.toMatch(/nonsense|xxx/)
      expect(standIn.requests).toEqual([])
    })

    it.each([
      ['what is no JSON', { body: '{"email":' }, 400],
      ['another content type', { headers: { 'content-type': 'text/html' } }, 415],
      ['another method', { method: 'GET' }, 405],
    ] as [string, Post, number][])('refuses %s', async (_, request, status) => {
      expect((await post(john, request)).status).toBe(status)
      expect(standIn.requests).toEqual([])
    })

    it('counts the bytes of a body, whatever its length is said to be', async () => {
      const chunk = new TextEncoder().encode(' '.repeat(11 * 1024))
      let chunks = 3
      const stream = new ReadableStream<Uint8Array>({
        pull: (controller) => (chunks-- ? controller.enqueue(chunk) : controller.close()),
      })
      const answers = [
        await post(undefined, { body: ' '.repeat(33 * 1024) }),
        await post(undefined, { body: stream as unknown as BodyInit }),
      ]
      expect(answers.map(({ status }) => status)).toEqual([413, 413])
      expect(standIn.requests).toEqual([])
    })

    it('writes the person that a token names, and takes no other token', async () => {
      const identify = async (token: string, attributes: object = {}) =>
        post({ ...john, ...attributes }, { path: '/token', headers: { authorization: `Bearer ${token}` } })
      const good = await identify(await sign('customer-7'), { last_name: 'Doe' })
      expect([good.status, good.text]).toEqual([202, ''])
      expect(calls(standIn.requests)).toEqual(['POST /users/update_or_create/'])
      expect(standIn.users).toMatchObject([{ custom_id: 'customer-7', last_name: 'Doe' }])
      const another = await identify(await sign('customer-7'), { custom_id: 'customer-8' })
      expect([another.status, issuesOf(another)]).toEqual([400, ['custom_id not_allowed']])
      const forged = await identify(await sign('customer-7', `not ${tokenSecret}`))
      expect([forged.status, forged.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      expect(standIn.requests).toHaveLength(1)
    })

    it('gives each client its allowance', async () => {
      const identify = (n: number) => post({ email: `few-${n}@example.org` }, { path: '/few' })
      for (const n of [1, 2, 3]) expect((await identify(n)).status).toBe(202)
      const over = await identify(4)
      expect(over.status).toBe(429)
      expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(over.headers.get('access-control-expose-headers')).toMatch(/retry-after/i)
      expect(standIn.users).toHaveLength(3)
    })

    it('asks for another try where User.com throttles, and then brings the person', async () => {
      standIn.behave(
        () => new Response('{"detail":"throttled"}', { status: 429, headers: { 'retry-after': '1' } }),
      )
      const identify = () => post({ email: 'later@example.org' }, { query: '?i=later' })
      const first = await identify()
      expect(first.status).toBe(503)
      expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(JSON.parse(first.text)).toMatchObject({ retry_after: Number(first.headers.get('retry-after')) })
      expect(first.text).not.toContain('throttled')
      standIn.behave()
      await expect.poll(async () => (await identify()).status, { timeout: 30_000, interval: 200 }).toBe(202)
      expect(standIn.users).toMatchObject([{ email: 'later@example.org' }])
    })

    it('does not follow where User.com redirects: the key would travel', async () => {
      const elsewhere = `${standIn.url}elsewhere/`
      standIn.behave(() => new Response(null, { status: 307, headers: { location: elsewhere } }))
      expect((await post({ email: 'redirected@example.org' })).status).toBe(503)
      expect(calls(standIn.requests).filter((call) => call.includes('elsewhere'))).toEqual([])
    })

    it('keeps the pace, and every caller is answered', async () => {
      const emails = Array.from({ length: 10 }, (_, n) => `paced-${n}@example.org`)
      const answers = await Promise.all(emails.map((email) => post({ email }, { path: '/slow' })))
      expect(answers.map(({ status }) => status)).toEqual(emails.map(() => 202))
      expect(standIn.users.map(({ email }) => email).sort()).toEqual(emails.sort())
      const times = standIn.requests.map(({ at }) => at)
      // Of any five calls in a row the last is more than a second after the first: four a second.
      times.slice(4).forEach((at, n) => expect(at - times[n]!).toBeGreaterThanOrEqual(1000))
    })

    it('takes many people at once, each once', async () => {
      const emails = Array.from({ length: 40 }, (_, n) => `many-${n}@example.org`)
      const answers = await Promise.all(emails.map((email) => post({ email })))
      expect(answers.map(({ status }) => status)).toEqual(emails.map(() => 202))
      expect(standIn.users.map(({ email }) => email).sort()).toEqual(emails.sort())
    })

    it('waits ten seconds for User.com, no longer', async () => {
      const answer = await unanswered
      expect(answer.status).toBe(503)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    })

    it('takes someone whose page was closed while User.com kept silent', async () => {
      expect(await left).toBe('AbortError')
      await expect
        .poll(async () => (await identifyLeft()).status, { timeout: 30_000, interval: 200 })
        .toBe(202)
    })

    it('has said the key nowhere', () => {
      expect(said.join('\n') + server.output()).not.toContain(apiKey)
    })
  })
