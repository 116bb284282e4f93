import { describe, expect, it } from 'vitest'
import { page, parseIssues, startRelay } from './support/startRelay.js'

const john = { email: 'myemail@example.org', first_name: 'John' }

describe('what is taken', () => {
  it('trims, calls User.com with the documented headers, and answers 202 with nothing in it', async () => {
    const { post, upstream } = await startRelay({ knownEmail: 'create' })
    const answer = await post({ ...john, first_name: '  John ', tags: [' new ', 'new', ''], plan: 'pro' })
    expect([answer.status, answer.text]).toEqual([202, ''])
    expect(answer.headers.get('cache-control')).toBeNull()
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(upstream.calls).toHaveLength(1)
    expect(upstream.calls[0]).toMatchObject({
      method: 'POST',
      path: '/api/public/users/',
      headers: {
        authorization: `Token ${'Zk'.repeat(32)}`,
        accept: '*/*; version=2',
        'content-type': 'application/json',
      },
    })
    expect(upstream.written()).toEqual([{ ...john, tags: ['new'], plan: 'pro' }])
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'text/plain', 'text/plain;charset=UTF-8'])(
    'takes %s',
    async (contentType) => {
      const { post } = await startRelay()
      expect((await post(john, { headers: { 'content-type': contentType } })).status).toBe(202)
    },
  )

  it('copies no header of the browser to User.com', async () => {
    const { post, upstream } = await startRelay()
    await post(john, {
      headers: { cookie: 'session=1', 'x-secret': '2', 'user-agent': 'browser', referer: page },
    })
    for (const { headers } of upstream.calls) {
      expect(headers).not.toHaveProperty('cookie')
      expect(headers).not.toHaveProperty('x-secret')
      expect(headers).not.toHaveProperty('origin')
      expect(headers).not.toHaveProperty('referer')
      expect(headers['user-agent']).not.toBe('browser')
    }
  })

  it('looks before it creates, and remembers whom it made', async () => {
    const { post, upstream } = await startRelay()
    await post(john, { query: '?i=1' })
    await post({ ...john, tags: ['vip'] }, { query: '?i=2' })
    expect(upstream.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/public/users/search/?email=myemail%40example.org',
      'POST /api/public/users/',
      'PUT /api/public/users/4711471147/',
    ])
    expect(upstream.written()[1]).toEqual({ tags: ['vip'] })
  })

  it('takes the same i once, also while it is under way', async () => {
    const { post, upstream } = await startRelay({ knownEmail: 'create' })
    const answers = await Promise.all([1, 2, 3].map(() => post(john, { query: '?i=same' })))
    answers.push(await post(john, { query: '?i=same' }))
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202])
    expect(upstream.calls).toHaveLength(1)
  })

  it('takes the same i with other attributes as another call, so that no one can stop another one', async () => {
    const { post, upstream } = await startRelay({ knownEmail: 'create' })
    await post(john, { query: '?i=same' })
    await post({ email: 'other@example.org' }, { query: '?i=same' })
    expect(upstream.calls).toHaveLength(2)
  })

  it('takes the same i again where the first was not accepted', async () => {
    const { post, upstream } = await startRelay({ knownEmail: 'create' }, () => ({ status: 500 }))
    expect((await post(john, { query: '?i=same' })).status).toBe(503)
    upstream.answerWith(() => ({ status: 201, body: { id: 1 } }))
    expect((await post(john, { query: '?i=same' })).status).toBe(202)
  })
})

describe('what is refused', () => {
  it.each([
    ['GET', 405],
    ['PUT', 405],
    ['DELETE', 405],
  ])('%s is %i, and says what is taken', async (method, status) => {
    const { request } = await startRelay()
    const answer = await request('/identify', { method })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('allow')).toBe('POST, OPTIONS')
  })

  it.each([
    ['form data', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['XML', { 'content-type': 'text/xml' }],
    ['another charset', { 'content-type': 'application/json; charset=utf-16' }],
    ['a JSON-like type', { 'content-type': 'application/json-patch+json' }],
    ['two types', { 'content-type': 'application/json, text/plain' }],
    ['a compressed body', { 'content-encoding': 'gzip' }],
  ])('%s is 415', async (_, headers) => {
    const { post, upstream } = await startRelay()
    expect((await post(john, { headers })).status).toBe(415)
    expect(upstream.calls).toEqual([])
  })

  it('takes a body of 32 KiB and refuses one more byte, whether its length is announced or not', async () => {
    const { post, upstream } = await startRelay({ knownEmail: 'create' })
    const padded = (length: number) => JSON.stringify(john).padEnd(length)
    const streamed = (text: string) =>
      new ReadableStream({
        start: (controller) => {
          for (let at = 0; at < text.length; at += 4_096)
            controller.enqueue(new TextEncoder().encode(text.slice(at, at + 4_096)))
          controller.close()
        },
      })
    expect((await post(0, { body: padded(32_768) })).status).toBe(202)
    expect((await post(0, { body: padded(32_769) })).status).toBe(413)
    expect(upstream.calls).toHaveLength(1)
    const init = (text: string) => ({
      method: 'POST',
      headers: { origin: page, 'content-type': 'text/plain' },
      body: streamed(text),
      duplex: 'half' as const,
    })
    const { relay } = await startRelay()
    expect((await fetch(`${relay.url}/identify`, init(padded(32_768)))).status).toBe(202)
    expect((await fetch(`${relay.url}/identify`, init(padded(32_769)))).status).toBe(413)
  })

  it.each([
    ['nothing', ''],
    ['no JSON', 'email=a@b.co'],
    ['a list', '[{"email":"a@b.co"}]'],
    ['a string', '"a@b.co"'],
    ['null', 'null'],
    ['two values', '{} {}'],
    ['a byte order mark', '\uFEFF{"email":"a@b.co"}'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['what is deeper than attributes are', `{"a":${'['.repeat(9)}${']'.repeat(9)}}`],
  ])('%s is 400', async (_, body) => {
    const { post, upstream } = await startRelay()
    const answer = await post(0, { body })
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { code: 'json' }])
    expect(upstream.calls).toEqual([])
  })

  it('names every attribute that is wrong, by field and code', async () => {
    const { post, upstream } = await startRelay()
    const answer = await post({ email: 'a@@b.co', first_name: 'x'.repeat(41), score: 1, id: 3, plan: {} })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(parseIssues(answer).sort()).toEqual(
      [
        ['email', 'email'],
        ['first_name', 'max_length'],
        ['id', 'name'],
        ['plan', 'type'],
        ['score', 'not_allowed'],
      ].sort(),
    )
    expect(upstream.calls).toEqual([])
  })

  it.each(['score', 'status', 'assigned_to', 'unsubscribed', 'notifications', 'custom_id'])(
    'a page may not set %s',
    async (field) => {
      const { post, upstream } = await startRelay()
      const answer = await post({ ...john, [field]: '1' })
      expect([answer.status, parseIssues(answer)]).toEqual([400, [[field, 'not_allowed']]])
      expect(upstream.calls).toEqual([])
    },
  )

  it('lets a page set only what is allowed', async () => {
    const { post } = await startRelay({ allowedAttributes: ['email', 'plan', 'score'] })
    expect((await post({ email: john.email, plan: 'pro', score: 1 })).status).toBe(202)
    expect(parseIssues(await post({ ...john, city: 'Ulm' }))).toEqual([
      ['first_name', 'not_allowed'],
      ['city', 'not_allowed'],
    ])
  })

  it.each(['', 'x'.repeat(65), 'a b', '%00', '%F0%9F%98%80'])('an i of "%s" is 400', async (i) => {
    const { post } = await startRelay()
    const answer = await post(john, { query: `?i=${i}` })
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { code: 'idempotency_key' }])
  })

  it('a token is 401 where no secret is set', async () => {
    const { post, upstream } = await startRelay()
    expect((await post(john, { headers: { authorization: 'Bearer a.b.c' } })).status).toBe(401)
    expect(upstream.calls).toEqual([])
  })

  it('a client over its allowance is 429 with Retry-After, in the body too', async () => {
    const { post, upstream } = await startRelay({ clientPerMinute: 2, knownEmail: 'create' })
    await post(john)
    await post(john)
    const answer = await post(john)
    const seconds = Number(answer.headers.get('retry-after'))
    expect(answer.status).toBe(429)
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(60)
    expect(JSON.parse(answer.text)).toMatchObject({ retry_after: seconds })
    expect(upstream.calls).toHaveLength(2)
  })
})

describe('who may post', () => {
  it('answers an allowed page with that origin alone, and lets it read Retry-After', async () => {
    const { post } = await startRelay()
    const { headers } = await post(john)
    expect(headers.get('access-control-allow-origin')).toBe(page)
    expect(headers.get('access-control-expose-headers')).toBe('Retry-After')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    expect(headers.get('vary')).toBe('Origin')
  })

  it.each([
    'https://evil.example',
    'null',
    'http://www.example.com',
    'https://www.example.com.evil.example',
    'https://evil-www.example.com',
    'https://www.example.com:8443',
    'https://WWW.example.com',
    'https://example.com',
    '',
  ])('refuses "%s" with 403, without CORS headers', async (origin) => {
    const { post, upstream } = await startRelay()
    const answer = await post(john, { headers: { origin } })
    expect(answer.status).toBe(403)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(answer.headers.get('vary')).toBe('Origin')
    expect(upstream.calls).toEqual([])
  })

  it('answers the preflight that a token or JSON needs', async () => {
    const { request } = await startRelay()
    const preflight = (origin: string) =>
      request('/identify', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      })
    const allowed = await preflight(page)
    expect([allowed.status, allowed.text]).toEqual([204, ''])
    expect(allowed.headers.get('access-control-allow-origin')).toBe(page)
    expect(allowed.headers.get('access-control-allow-methods')).toBe('POST')
    expect(allowed.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type')
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull()
    const refused = await preflight('https://evil.example')
    expect(refused.status).toBe(403)
    expect(refused.headers.get('access-control-allow-origin')).toBeNull()
  })

  it("takes the relay's own pages, also behind a proxy that ends TLS", async () => {
    const { post, relay } = await startRelay({ allowedOrigins: [] })
    expect((await post(john, { headers: { origin: relay.url } })).status).toBe(202)
    expect((await post(john, { headers: { origin: relay.url.replace('http:', 'https:') } })).status).toBe(202)
    expect((await post(john)).status).toBe(403)
  })

  it('takes a call without Origin only where the browser says that it is same-origin', async () => {
    const { post } = await startRelay()
    const json = { origin: undefined, 'content-type': 'application/json' }
    expect((await post(john, { headers: json })).status).toBe(403)
    for (const [site, status] of [
      ['same-origin', 202],
      ['same-site', 403],
      ['cross-site', 403],
      ['none', 403],
    ] as const)
      expect([site, (await post(john, { headers: { ...json, 'sec-fetch-site': site } })).status]).toEqual([
        site,
        status,
      ])
  })

  it('believes the browser where it says that the page is of another site, whatever the origin', async () => {
    const { post, relay } = await startRelay({ allowedOrigins: [page] })
    const from = async (origin: string, site: string) =>
      (await post(john, { headers: { origin, 'sec-fetch-site': site } })).status
    expect(await from(relay.url, 'same-origin')).toBe(202)
    expect(await from(relay.url, 'cross-site')).toBe(403)
    expect(await from(relay.url, 'none')).toBe(403)
    // An allowed page is of another site by nature.
    expect(await from(page, 'cross-site')).toBe(202)
    expect(await from('https://evil.example', 'same-origin')).toBe(403)
  })

  it('takes text/plain only with an Origin: a form can post it from anywhere', async () => {
    const { post, upstream } = await startRelay()
    const headers = { origin: undefined, 'sec-fetch-site': 'same-origin' }
    expect((await post(john, { headers })).status).toBe(403)
    expect(upstream.calls).toEqual([])
    expect((await post(john, { headers: { ...headers, 'content-type': 'application/json' } })).status).toBe(
      202,
    )
  })

  it('knows its own name behind a proxy only where it is told to believe it', async () => {
    const headers = {
      origin: 'https://relay.example.com',
      'x-forwarded-host': 'relay.example.com',
      'x-forwarded-proto': 'https',
    }
    const alone = await startRelay()
    expect((await alone.post(john, { headers })).status).toBe(403)
    const proxied = await startRelay({ trustProxy: 1 })
    expect((await proxied.post(john, { headers })).status).toBe(202)
  })
})
