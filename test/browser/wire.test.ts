import { describe, expect, it } from 'vitest'
import { stub } from '../support/startPages'
import { readStorage, useSite } from '../support/useSite'

const site = useSite()
const john = { email: 'john@example.org', first_name: 'John' }

describe('what one identify sends', () => {
  it('to another origin: one request, no preflight, no cookie, the documented JSON', async () => {
    await site.context.addCookies([{ name: 'session', value: 'private', url: site.relay.origin }])
    const page = await site.open()
    expect(await page.evaluate((john) => UserCom.identify(john), john)).toEqual({
      ok: true,
      status: 'accepted',
    })
    expect(site.relay.posts).toHaveLength(1)
    const [post] = site.relay.posts
    expect(post!.path).toBe('/identify')
    expect(post!.i).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(post!.body).toBe('{"email":"john@example.org","first_name":"John"}')
    expect(post!.headers['content-type']).toBe('text/plain;charset=UTF-8')
    expect(post!.headers.authorization).toBeUndefined()
    expect(post!.headers.cookie).toBeUndefined()
    expect(site.relay.others.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /usercom.js'])
  })

  it('to the same origin: application/json', async () => {
    const page = await site.open({ head: `<script src="/dist/usercom.umd.js"></script>` })
    await page.evaluate((john) => UserCom.identify(john), john)
    expect(site.pages.posts).toEqual([
      {
        path: expect.stringMatching(/^\/dist\/identify\?i=/) as string,
        type: 'application/json',
        body: JSON.stringify(john),
      },
    ])
  })

  it('with contentType json: application/json to another origin too', async () => {
    const page = await site.open()
    await page.evaluate((john) => {
      UserCom.init({ contentType: 'json' })
      return UserCom.identify(john)
    }, john)
    expect(site.relay.posts[0]!.headers['content-type']).toBe('application/json')
  })

  it('with a token: an Authorization header, and the token nowhere else', async () => {
    const page = await site.open()
    await page.evaluate((john) => UserCom.identify(john, { token: 'a.b.c' }), john)
    expect(site.relay.posts[0]!.headers.authorization).toBe('Bearer a.b.c')
    expect(site.relay.posts[0]!.body).toBe(JSON.stringify(john))
    expect(await readStorage(page)).not.toContain('a.b.c')
  })

  it('trims, and keeps 40 emoji but not 41', async () => {
    const page = await site.open()
    const results = await page.evaluate(() =>
      Promise.all([
        UserCom.identify({ first_name: ' John ', tags: [' new ', 'new', ''] }),
        UserCom.identify({ first_name: '😀'.repeat(40) }),
        UserCom.identify({ first_name: '😀'.repeat(41) }),
      ]),
    )
    expect(results).toMatchObject([
      { ok: true },
      { ok: true },
      { ok: false, reason: 'invalid', issues: [{ field: 'first_name', code: 'max_length' }] },
    ])
    expect(site.relay.posts.map((post) => JSON.parse(post.body) as unknown)).toEqual([
      { first_name: 'John', tags: ['new'] },
      { first_name: '😀'.repeat(40) },
    ])
  })

  it('nothing when it is the same again, until it is forced or reset', async () => {
    const page = await site.open()
    const statuses = await page.evaluate(async (john) => {
      const call = async (force = false) => {
        const result = await UserCom.identify(john, { force })
        return result.ok && result.status
      }
      const list = [await call(), await call(), await call(true)]
      UserCom.reset()
      list.push(await call())
      return list
    }, john)
    expect(statuses).toEqual(['accepted', 'unchanged', 'accepted', 'accepted'])
    expect(site.relay.posts).toHaveLength(3)
    expect(new Set(site.relay.posts.map((post) => post.i)).size).toBe(3)
  })

  it('two people in one session: both, in order', async () => {
    const page = await site.open()
    await page.evaluate(() =>
      Promise.all(['a', 'b', 'a'].map((name) => UserCom.identify({ email: `${name}@example.org` }))),
    )
    expect(site.relay.posts.map((post) => (JSON.parse(post.body) as { email: string }).email)).toEqual([
      'a@example.org',
      'b@example.org',
      'a@example.org',
    ])
  })
})

describe('where it posts', () => {
  const script = (attributes = '') => `<script ${attributes} src="${site.relay.origin}/usercom.js"></script>`
  it.each([
    [
      'init',
      () =>
        script('data-endpoint="/tag"') +
        `<script>UserCom.init({ endpoint: '${site.relay.origin}/own' })</script>`,
      '/own',
    ],
    ['data-endpoint', () => script(`data-endpoint="${site.relay.origin}/tag"`), '/tag'],
    [
      'data-endpoint of an async script',
      () => `<script>${stub()}</script>` + script(`async data-endpoint="${site.relay.origin}/tag"`),
      '/tag',
    ],
    ['beside the script', () => script(), '/identify'],
  ])('%s', async (_, head, path) => {
    const page = await site.open({ head: head() })
    await page.evaluate((john) => UserCom.identify(john), john)
    expect(site.relay.posts.map((post) => post.path)).toEqual([path])
  })

  it('/identify of the page where the script has no address', async () => {
    const page = await site.open({ head: '' })
    const text = await (await fetch(`${site.relay.origin}/usercom.js`)).text()
    await page.evaluate(text)
    await page.evaluate((john) => UserCom.identify(john), john)
    expect(site.pages.posts.map((post) => post.path)).toEqual([expect.stringMatching(/^\/identify\?i=/)])
  })
})

describe('what the relay’s answer becomes', () => {
  const issues = [{ field: 'email', code: 'email', message: 'must be an email address' }]
  const problem = (status: number) => ({
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({ title: 'No', status, issues }),
  })

  it.each([400, 422])('%i: rejected with its issues, and no second request', async (status) => {
    const page = await site.open()
    site.relay.reply(problem(status))
    const result = await page.evaluate((john) => UserCom.identify(john), john)
    expect(result).toEqual({ ok: false, reason: 'rejected', issues })
    await page.evaluate(() => UserCom.flush())
    expect(site.relay.posts).toHaveLength(1)
  })

  it.each([401, 403, 404, 405, 413, 415])('%i: rejected, not tried again', async (status) => {
    const page = await site.open()
    site.relay.reply({ status, body: '<h1>no</h1>' })
    const result = await page.evaluate((john) => UserCom.identify(john), john)
    expect(result).toEqual({ ok: false, reason: 'rejected', issues: [] })
    await page.evaluate(() => UserCom.flush())
    expect(site.relay.posts).toHaveLength(1)
  })

  it.each([408, 425, 429, 500, 503])('%i: kept, and tried again with the same key', async (status) => {
    const page = await site.open()
    site.relay.reply((_, n) => (n === 1 ? { status, headers: { 'retry-after': '1' } } : { status: 202 }))
    expect(await page.evaluate((john) => UserCom.identify(john), john)).toEqual({
      ok: true,
      status: 'accepted',
    })
    expect(site.relay.posts).toHaveLength(2)
    const [first, second] = site.relay.posts
    expect(second!.i).toBe(first!.i)
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(990)
  })
})
