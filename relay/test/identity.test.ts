import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { RelayOptions } from '../src/index.js'
import { parseOptions } from '../src/parseOptions.js'
import { parseEnvironment } from '../src/node/parseEnvironment.js'
import { apiKey, page, parseIssues, startRelay } from './support/startRelay.js'
import type { UpstreamCall } from './support/startUpstream.js'

const secret = 'a secret of the site of 32 bytes'
const otherSecret = 'another secret, for the rotation of them'
const now = () => Math.floor(Date.now() / 1_000)

interface Claims {
  sub?: unknown
  exp?: number | null
  aud?: string | null
  email?: unknown
  nbf?: number
}

const sign = (claims: Claims = {}, { kid, key = secret, alg = 'HS256' } = {} as Record<string, string>) => {
  const { exp = now() + 300, aud = 'usercom-relay', sub = 'person-7', ...others } = claims
  const payload = {
    ...others,
    ...(sub !== null && { sub }),
    ...(exp !== null && { exp }),
    ...(aud !== null && { aud }),
  } as Record<string, unknown>
  return new SignJWT(payload)
    .setProtectedHeader({ alg: String(alg), ...(kid !== undefined && { kid }) })
    .sign(new TextEncoder().encode(key))
}

const answerAsDocumented = ({ path }: UpstreamCall) =>
  path.endsWith('/update_or_create/')
    ? { status: 200, body: { created: true, id: 5577 } }
    : { status: 201, body: { id: 1 } }

const start = async (options: Partial<RelayOptions> = {}) => {
  const started = await startRelay(
    { tokenSecret: secret, knownEmail: 'create', ...options },
    answerAsDocumented,
  )
  const identify = (attributes: unknown, token?: string) =>
    started.post(attributes, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
  return { ...started, identify }
}

describe('a good token', () => {
  it('says who it is about: that person is created or updated', async () => {
    const { identify, upstream } = await start()
    expect((await identify({ first_name: 'Ann', tags: ['vip'] }, await sign())).status).toBe(202)
    expect(upstream.calls.map(({ method, path }) => [method, path])).toEqual([
      ['POST', '/api/public/users/update_or_create/'],
    ])
    expect(upstream.written()).toEqual([{ first_name: 'Ann', tags: ['vip'], custom_id: 'person-7' }])
  })

  it('says the email, and is enough by itself', async () => {
    const { identify, upstream } = await start({ allowedAttributes: ['first_name'] })
    const token = await sign({ email: ' Ann@example.org ' })
    expect((await identify({}, token)).status).toBe(202)
    expect((await identify({ email: 'ann@EXAMPLE.org', custom_id: 'person-7' }, token)).status).toBe(202)
    expect(upstream.written()).toEqual([
      { custom_id: 'person-7', email: 'Ann@example.org' },
      { custom_id: 'person-7', email: 'Ann@example.org' },
    ])
  })

  it.each<[string, Claims]>([
    ['29 s over, for clocks that differ', { exp: now() - 25 }],
    ['good for a day', { exp: now() + 24 * 3_600 }],
    ['from a clock 25 s ahead', { nbf: now() + 25 }],
  ])('may be %s', async (_, claims) => {
    const { identify } = await start()
    expect((await identify({ first_name: 'Ann' }, await sign(claims))).status).toBe(202)
  })

  it('does not let a page steer the app', async () => {
    const { identify, upstream } = await start()
    const answer = await identify({ score: 9 }, await sign())
    expect([answer.status, parseIssues(answer)]).toEqual([400, [['score', 'not_allowed']]])
    expect(upstream.calls).toEqual([])
  })
})

describe('a body that says someone else', () => {
  it.each([
    [{ custom_id: 'person-8' }, 'custom_id'],
    [{ custom_id: 7 }, 'custom_id'],
    [{ ' custom_id ': 'person-8' }, 'custom_id'],
    [{ email: 'other@example.org' }, 'email'],
  ])('%o is refused', async (body, field) => {
    const { identify, upstream } = await start()
    const answer = await identify(body, await sign({ email: 'ann@example.org' }))
    expect([answer.status, parseIssues(answer)]).toEqual([400, [[field, 'not_allowed']]])
    expect(upstream.calls).toEqual([])
  })

  it('is refused without a token, whoever it says', async () => {
    const { identify, upstream } = await start()
    for (const custom_id of ['person-7', 7])
      expect(parseIssues(await identify({ custom_id, email: 'a@b.co' }))).toEqual([
        ['custom_id', 'not_allowed'],
      ])
    expect(upstream.calls).toEqual([])
  })
})

describe('a bad token is 401, and nothing reaches User.com', () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const good = { sub: 'person-7', aud: 'usercom-relay', exp: now() + 300 }

  it.each<[string, () => string | Promise<string>]>([
    ['signed with another secret', () => sign({}, { key: otherSecret })],
    ['signed with the API key', () => sign({}, { key: apiKey })],
    ['alg none', () => `${part({ alg: 'none' })}.${part(good)}.`],
    ['alg none with a signature', () => `${part({ alg: 'none' })}.${part(good)}.${part('x')}`],
    ['alg None in other letters', () => `${part({ alg: 'nOnE' })}.${part(good)}.AAAA`],
    ['HS512', () => sign({}, { alg: 'HS512', key: secret.repeat(3) })],
    ['HS384 of the same secret', () => sign({}, { alg: 'HS384', key: secret })],
    [
      'another payload under the same signature',
      async () => {
        const [header, , signature] = (await sign()).split('.')
        return `${header}.${part({ ...good, sub: 'person-8' })}.${signature}`
      },
    ],
    ['expired', () => sign({ exp: now() - 60 })],
    ['without an expiry', () => sign({ exp: null })],
    ['good for longer than a day', () => sign({ exp: now() + 24 * 3_600 + 120 })],
    ['not good yet', () => sign({ nbf: now() + 120 })],
    ['for someone else', () => sign({ aud: 'another-service' })],
    ['for no one', () => sign({ aud: null })],
    ['about no one', () => sign({ sub: null })],
    ['about an empty name', () => sign({ sub: ' ' })],
    ['about an object', () => sign({ sub: { $ne: 1 } })],
    ['with an email that is none', () => sign({ email: 'a@@b.co' })],
    ['with a list of emails', () => sign({ email: ['a@b.co'] })],
    ['of a kid that nobody has', () => sign({}, { kid: 'stolen', key: otherSecret })],
    ['no token at all', () => 'token'],
    ['empty', () => ''],
    ['of three empty parts', () => '..'],
    ['very long', async () => `${await sign()}${'A'.repeat(8_000)}`],
  ])('%s', async (_, make) => {
    const { identify, upstream, said } = await start()
    const answer = await identify({ first_name: 'Ann' }, await make())
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      401,
      { title: 'The token is not valid', status: 401, code: 'token' },
    ])
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(answer.headers.get('access-control-allow-origin')).toBe(page)
    expect(upstream.calls).toEqual([])
    expect(said.join()).not.toContain(secret)
  })

  it.each(['Basic abc', 'bearer', 'Token abc'])('another scheme: %s', async (authorization) => {
    const { post } = await start()
    expect((await post({ first_name: 'Ann' }, { headers: { authorization } })).status).toBe(401)
  })

  it('where no secret is set, and where verification is off', async () => {
    for (const options of [{ verification: 'off' as const }, { tokenSecret: undefined as never }]) {
      const { identify } = await start(options)
      expect((await identify({ first_name: 'Ann' }, await sign())).status).toBe(401)
      expect((await identify({ email: 'a@b.co' })).status).toBe(202)
    }
  })
})

describe('rotation', () => {
  const tokenSecret = { old: otherSecret, new: secret }

  it('takes each secret under its own kid, and under none', async () => {
    const { identify } = await start({ tokenSecret })
    const status = async (token: Promise<string>) =>
      (await identify({ first_name: 'Ann' }, await token)).status
    expect(await status(sign({}, { kid: 'new', key: secret }))).toBe(202)
    expect(await status(sign({}, { kid: 'old', key: otherSecret }))).toBe(202)
    expect(await status(sign({}, { key: otherSecret }))).toBe(202)
    expect(await status(sign({}, { kid: 'new', key: otherSecret }))).toBe(401)
    expect(await status(sign({}, { kid: '__proto__', key: secret }))).toBe(401)
  })

  it('is written in the environment as kid:secret, kid:secret', () => {
    const read = (text: string) => parseEnvironment({ RELAY_TOKEN_SECRET: text }).tokenSecret
    expect(read(`old:${otherSecret.replaceAll(',', '')}, new:${secret}`)).toEqual({
      old: otherSecret.replaceAll(',', ''),
      new: secret,
    })
    expect(read(secret)).toBe(secret)
  })
})

describe('who may go without a token', () => {
  it("with 'enforce', no one", async () => {
    const { identify, upstream } = await start({ verification: 'enforce' })
    expect((await identify({ email: 'a@b.co' })).status).toBe(401)
    expect(upstream.calls).toEqual([])
    expect((await identify({ first_name: 'Ann' }, await sign())).status).toBe(202)
  })

  it("with 'prefer', everyone, as a new person only; the share is reported", async () => {
    const { identify, upstream, events } = await start()
    expect((await identify({ email: 'a@b.co' })).status).toBe(202)
    await identify({ first_name: 'Ann' }, await sign())
    expect(upstream.calls[0]?.path).toBe('/api/public/users/')
    expect(events.filter(({ event }) => event === 'answered')).toEqual([
      { event: 'answered', status: 202, reason: 'accepted', verified: false },
      { event: 'answered', status: 202, reason: 'accepted', verified: true },
    ])
  })
})

describe('options', () => {
  const problems = (options: object, environment = {}) =>
    parseOptions({ subdomain: 'acme', apiKey, ...options } as RelayOptions, environment).problems

  it.each<[string, object]>([
    ['tokenSecret', { tokenSecret: 'short' }],
    ['tokenSecret', { tokenSecret: '' }],
    ['tokenSecret', { tokenSecret: apiKey }],
    ['tokenSecret', { tokenSecret: `Token ${apiKey}` }],
    ['tokenSecret', { tokenSecret: { a: secret, b: 'short' } }],
    ['tokenSecret', { tokenSecret: {} }],
    ['tokenSecret', { tokenSecret: 32 }],
    ['verification', { tokenSecret: secret, verification: 'always' }],
    ['verification', { verification: 'enforce' }],
    ['verification', { verification: 'prefer' }],
  ])('%s: %o is refused', (option, wrong) => {
    expect(problems(wrong).map((problem) => problem.option)).toContain(option)
    expect(JSON.stringify(problems(wrong))).not.toContain(secret)
  })

  it('a secret that is also in a variable which bundlers copy into pages', () => {
    expect(problems({ tokenSecret: secret }, { VITE_SECRET: secret })[0]?.message).toContain('VITE_SECRET')
    expect(problems({ tokenSecret: secret })).toEqual([])
  })
})
