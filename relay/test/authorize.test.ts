import { describe, expect, it } from 'vitest'
import type { Authorize } from '../src/index.js'
import { parseIssues, startRelay } from './support/startRelay.js'

const john = { email: 'myemail@example.org' }

const start = (authorize: Authorize, options = {}) =>
  startRelay({ authorize, knownEmail: 'create', ...options }, ({ path }) =>
    path.endsWith('/update_or_create/')
      ? { status: 200, body: { created: false, id: 5577 } }
      : { status: 201, body: { id: 1 } },
  )

describe('the authorize hook', () => {
  it('knows a visitor by a session cookie', async () => {
    const sessions: Record<string, string> = { 's-1': 'person-7' }
    const { post, upstream } = await start(({ headers }) => {
      const session = /(?:^|; )session=([\w-]+)/.exec(headers.get('cookie') ?? '')?.[1] ?? ''
      const custom_id = sessions[session]
      return custom_id === undefined ? true : { custom_id }
    })
    expect((await post({ tags: ['vip'] }, { headers: { cookie: 'a=b; session=s-1' } })).status).toBe(202)
    expect((await post({ tags: ['vip'] }, { headers: { cookie: 'session=s-2' } })).status).toBe(202)
    expect(upstream.calls.map(({ path }) => path)).toEqual([
      '/api/public/users/update_or_create/',
      '/api/public/users/',
    ])
    expect(upstream.written()).toEqual([{ tags: ['vip'], custom_id: 'person-7' }, { tags: ['vip'] }])
  })

  it('holds back whoever has no answer to a captcha, and that answer goes no further', async () => {
    const { post, upstream } = await start(async (_, attributes) => {
      const { captcha } = attributes
      delete attributes.captcha
      return captcha === 'solved'
    })
    expect((await post({ ...john, captcha: 'solved' })).status).toBe(202)
    const refused = await post({ ...john, captcha: 'guessed' })
    expect([refused.status, JSON.parse(refused.text)]).toEqual([
      403,
      { title: 'This visitor may not post here', status: 403, code: 'authorize' },
    ])
    expect(upstream.written()).toEqual([john])
  })

  it('cannot be used to send what a page may not', async () => {
    const { post, upstream } = await start((_, attributes) => {
      attributes.score = 9
      return true
    })
    expect(parseIssues(await post(john))).toEqual([['score', 'not_allowed']])
    expect(upstream.calls).toEqual([])
  })

  it('refuses a body that says someone else', async () => {
    const { post, upstream } = await start(() => ({ custom_id: 'person-7', email: john.email }))
    expect(parseIssues(await post({ email: 'other@example.org' }))).toEqual([['email', 'not_allowed']])
    expect(upstream.calls).toEqual([])
  })

  it('is enough where every visitor must be verified', async () => {
    const { post } = await start(
      ({ headers }) => (headers.get('x-known') ? { custom_id: 'person-7' } : true),
      { tokenSecret: 'a secret of the site of 32 bytes', verification: 'enforce' },
    )
    expect((await post(john, { headers: { 'x-known': '1' } })).status).toBe(202)
    expect((await post(john)).status).toBe(401)
  })

  it.each<[string, Authorize]>([
    ['throws', () => Promise.reject(new Error('secret of the hook'))],
    ['throws at once', () => JSON.parse('secret of the hook') as never],
    ['returns nobody', () => ({}) as never],
    ['returns an identity that is none', () => ({ custom_id: ' ' })],
  ])('one that %s is 503: the page keeps the person', async (_, authorize) => {
    const { post, upstream, said } = await start(authorize)
    const answer = await post(john)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10'])
    expect(upstream.calls).toEqual([])
    expect(said.join()).not.toContain('secret of the hook')
  })

  it('one that returns nothing refuses', async () => {
    const { post } = await start((() => undefined) as never)
    expect((await post(john)).status).toBe(403)
  })

  it('is asked only when all else is checked', async () => {
    let asked = 0
    const { post } = await start(() => ++asked > 0)
    await post({ email: 'a@@b.co' })
    await post(john, { headers: { origin: 'https://evil.example' } })
    await post(john, { headers: { authorization: 'Bearer a.b.c' } })
    expect(asked).toBe(0)
  })
})
