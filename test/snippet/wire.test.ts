import { describe, expect, it, vi } from 'vitest'
import { useSnippet } from './useSnippet'

const relay = useSnippet()
const accepted = { ok: true, status: 'accepted' }
const john = { email: ' john@example.org ', first_name: 'John' }

describe('one identify', () => {
  it('is one POST of the documented JSON, in a task of its own', async () => {
    const result = relay.client().identify(john)
    expect(relay.posts).toEqual([])
    await relay.settle()
    expect(await result).toEqual(accepted)
    expect(relay.posts).toHaveLength(1)
    const [{ url, key, body, init }] = relay.posts as [(typeof relay.posts)[0]]
    expect(url).toBe(relay.endpoint)
    expect(key).toMatch(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/)
    expect(body).toEqual({ email: 'john@example.org', first_name: 'John' })
    expect(init).toMatchObject({ method: 'POST', keepalive: true })
    expect(init.headers).toEqual({ 'Content-Type': 'text/plain;charset=UTF-8' })
    expect(init.credentials).toBeUndefined()
  })

  it('is application/json to the own origin, and where that is forced', async () => {
    const own = relay.client({ endpoint: '/own' + new URL(relay.endpoint).pathname })
    const forced = relay.client({ contentType: 'json' })
    void own.identify({ email: 'a@example.org' })
    void forced.identify({ email: 'b@example.org' })
    await relay.settle()
    expect(relay.posts.map(({ init }) => init.headers)).toEqual([
      { 'Content-Type': 'application/json' },
      { 'Content-Type': 'application/json' },
    ])
    expect(relay.posts[0]!.url).toMatch(/^http:\/\/localhost:3000\/own\//)
  })

  it('has a token in its header only', async () => {
    void relay.client().identify(john, { token: 'a.b.c' })
    await relay.settle()
    expect(relay.posts[0]!.init.headers).toMatchObject({ Authorization: 'Bearer a.b.c' })
    expect(JSON.stringify(relay.posts[0]!.body)).not.toContain('a.b.c')
  })

  it('is invalid with a token that cannot be a header', async () => {
    const result = await relay.client().identify(john, { token: 'two\nlines' })
    expect(result).toMatchObject({ ok: false, reason: 'invalid' })
    await relay.settle()
    expect(relay.posts).toEqual([])
  })

  it('keeps the query that the endpoint has', async () => {
    relay.endpoint += '?site=7'
    void relay.client().identify(john)
    await relay.settle()
    expect((relay.posts[0]!.init as { body: string }).body).toContain('john')
    expect(relay.posts[0]!.key).toMatch(/^[\da-f-]{36}$/)
  })

  it('has a key also where crypto has no randomUUID, or is not there', async () => {
    for (const crypto of [{}, undefined]) {
      vi.stubGlobal('crypto', crypto)
      void relay.client().identify(john, { force: true })
      await relay.settle()
    }
    expect(relay.posts.map(({ key }) => key)).toEqual([
      expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
      expect.stringMatching(/^[\da-f]{8}-/),
    ])
  })

  it('is never refused by throwing, also without fetch', async () => {
    vi.stubGlobal('fetch', undefined)
    const ended = vi.fn()
    void relay.client().identify(john).then(ended)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ended).not.toHaveBeenCalled()
    expect(relay.stored()).toContain('john@example.org')
  })
})

describe('what the relay answers', () => {
  const issues = [{ field: 'email', code: 'email', message: 'no' }]

  it.each([200, 202, 204])('%i is accepted', async (status) => {
    relay.reply = () => status
    const result = relay.client().identify(john)
    await relay.settle()
    expect(await result).toEqual(accepted)
  })

  it.each([400, 422])('%i is rejected with its issues', async (status) => {
    relay.reply = () => new Response(JSON.stringify({ status, issues }), { status })
    const result = relay.client().identify(john)
    await relay.settle()
    expect(await result).toEqual({ ok: false, reason: 'rejected', issues })
    expect(await relay.countTimers()).toBe(0)
  })

  it.each([401, 403, 404, 405, 413, 415])('%i is rejected, and not tried again', async (status) => {
    relay.reply = () => new Response('<h1>No</h1>', { status })
    const result = relay.client().identify(john)
    await relay.settle()
    expect(await result).toEqual({ ok: false, reason: 'rejected', issues: [] })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(relay.posts).toHaveLength(1)
  })

  it('is read to its end', async () => {
    const answer = new Response('{}', { status: 202 })
    relay.reply = () => answer
    void relay.client().identify(john)
    await relay.settle()
    expect(answer.bodyUsed).toBe(true)
  })
})

describe('the same again', () => {
  it('within a day is unchanged and sends nothing, also on the next page', async () => {
    const call = async (client = relay.client()) => {
      const result = client.identify(john)
      await relay.settle()
      return result
    }
    expect(await call()).toEqual(accepted)
    expect(await call()).toEqual({ ok: true, status: 'unchanged' })
    await vi.advanceTimersByTimeAsync(86_400_001)
    expect(await call()).toEqual(accepted)
    expect(relay.posts).toHaveLength(2)
  })

  it('is sent when forced, after reset, and with another token', async () => {
    const client = relay.client()
    for (const again of [{}, { force: true }, { token: 'one' }, { token: 'two' }, 'reset', {}] as const) {
      if (again === 'reset') client.reset()
      else {
        void client.identify(john, again)
        await relay.settle()
      }
    }
    expect(relay.posts).toHaveLength(5)
  })

  it('while the first is on its way joins it; after reset it does not', async () => {
    const client = relay.client()
    const results = [client.identify(john), client.identify(john)]
    client.reset()
    results.push(client.identify(john))
    await relay.settle()
    expect(await Promise.all(results)).toEqual([accepted, { ok: true, status: 'unchanged' }, accepted])
    expect(relay.posts).toHaveLength(2)
    expect(relay.stored()).not.toMatch(/john|example\.org/)
  })

  it('is sent where another person came between', async () => {
    const client = relay.client()
    for (const name of ['a', 'b', 'a']) void client.identify({ email: `${name}@example.org` })
    await relay.settle()
    expect(relay.emails()).toEqual(['a@example.org', 'b@example.org', 'a@example.org'])
  })

  it('is not what was refused', async () => {
    relay.reply = () => 400
    const client = relay.client()
    void client.identify(john)
    await relay.settle()
    void client.identify(john)
    await relay.settle()
    expect(relay.posts).toHaveLength(2)
  })
})
