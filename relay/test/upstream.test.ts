import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { page, parseIssues, startRelay, unsaid } from './support/startRelay.js'
import type { UpstreamAnswer } from './support/startUpstream.js'
import { secretUser } from './support/startUpstream.js'

const john = { email: 'john.private@example.org', first_name: 'Johnny-Private' }
const html = '<html>Server at internal.host.example, token=abc</html>'

/** What User.com may answer to a create, what the page hears, and after how many seconds it may try again. */
const answers: [string, UpstreamAnswer, number, number?][] = [
  ['201 with the whole user', { status: 201, body: secretUser }, 202],
  ['200 with an id', { status: 200, body: { id: 5, created: false } }, 202],
  ['the person exists', { status: 400, body: { email: ['User with this email already exists.'] } }, 202],
  ['409', { status: 409, body: { detail: 'Conflict' } }, 202],
  ['401', { status: 401, body: { detail: 'Invalid token.' } }, 503, 60],
  ['403', { status: 403, body: { detail: 'Not yours.' } }, 503, 60],
  ['404', { status: 404, body: html }, 503, 60],
  ['429', { status: 429, headers: { 'retry-after': '7' }, body: { detail: 'Throttled' } }, 503, 7],
  ['429 with no number', { status: 429, headers: { 'retry-after': 'soon' }, body: {} }, 503, 1],
  ['500', { status: 500, body: html }, 503, 10],
  ['502 with JSON', { status: 502, body: secretUser }, 503, 10],
  ['408', { status: 408, body: {} }, 503, 10],
  [
    'a redirect to elsewhere',
    { status: 307, headers: { location: 'https://evil.example/' }, body: '' },
    503,
    60,
  ],
  ['a page instead of JSON', { status: 200, body: html }, 503, 10],
  ['201 with a page', { status: 201, body: html }, 503, 10],
  ['201 with nothing', { status: 201, body: '' }, 503, 10],
  ['JSON that is no user', { status: 201, body: ['key', secretUser.key] }, 503, 10],
  ['a page with a 400', { status: 400, body: html }, 503, 10],
  ['a cut-off connection', 'reset', 503, 10],
]

describe.each(answers)('User.com answers: %s', (_, answer, status, retryAfter) => {
  it('the page hears the contract’s answer, and nothing more is shown', async () => {
    const { post, said } = await startRelay({ knownEmail: 'create' }, () => answer)
    const heard = await post(john)
    expect(heard.status).toBe(status)
    if (retryAfter === undefined) expect(heard.text).toBe('')
    else {
      expect(heard.headers.get('retry-after')).toBe(String(retryAfter))
      expect(JSON.parse(heard.text)).toEqual({
        title: 'Not now',
        status: 503,
        code: 'unavailable',
        retry_after: retryAfter,
      })
    }
    const all = said.join('\n')
    for (const never of [...unsaid, 'internal.host', 'evil.example', john.email, john.first_name])
      expect(all).not.toContain(never)
  })
})

it('waits ten seconds for a User.com that does not answer', async () => {
  const { post, upstream } = await startRelay({}, () => 'hang')
  const started = performance.now()
  const heard = await post(john)
  expect([heard.status, heard.headers.get('retry-after')]).toEqual([503, '10'])
  expect(performance.now() - started).toBeGreaterThan(9_000)
  expect(upstream.calls).toHaveLength(1)
})

it('follows no redirect: neither key nor body go elsewhere', async () => {
  const elsewhere = await startRelay()
  for (const status of [301, 302, 303, 307, 308]) {
    const { post } = await startRelay({ knownEmail: 'create' }, () => ({
      status,
      headers: { location: elsewhere.upstream.url },
    }))
    expect((await post(john)).status).toBe(503)
  }
  expect(elsewhere.upstream.calls).toEqual([])
})

it('reads no more than 64 KiB of an answer', async () => {
  let sentBytes = 0
  const chunk = 'x'.repeat(16_384)
  const endless = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    const send = () => {
      let more = true
      while (more && !response.destroyed) {
        more = response.write(chunk)
        sentBytes += chunk.length
      }
    }
    response.on('drain', send)
    send()
  })
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    endless.close()
    endless.closeAllConnections()
  })
  const connectionClosed = new Promise<void>((resolve) =>
    endless.on('connection', (socket) => socket.on('close', () => resolve())),
  )
  const { port } = endless.address() as AddressInfo
  const { post, events } = await startRelay({
    knownEmail: 'create',
    apiUrl: `http://127.0.0.1:${port}/api/public/`,
  })
  expect((await post(john)).status).toBe(503)
  // Cut off by the relay, long before its time limit.
  await connectionClosed
  expect(events).toContainEqual(expect.objectContaining({ event: 'upstream', reason: 'rubbish' }))
  expect(sentBytes).toBeLessThan(20_000_000)
})

it('takes a user of more than 64 KiB as created', async () => {
  const { post } = await startRelay({ knownEmail: 'create' }, () => ({
    status: 201,
    body: { id: 1, attributes: 'x'.repeat(70_000) },
  }))
  expect((await post(john)).status).toBe(202)
})

it('is throttled itself while User.com says so', async () => {
  const { post, upstream } = await startRelay({ knownEmail: 'create' }, () => ({
    status: 429,
    headers: { 'retry-after': '2' },
    body: {},
  }))
  await post(john)
  upstream.answerWith(() => ({ status: 201, body: { id: 1 } }))
  const started = performance.now()
  expect((await post(john)).status).toBe(202)
  expect(performance.now() - started).toBeGreaterThan(1_500)
})

it('makes one person of two identifies of one new email that arrive together', async () => {
  const { post, upstream } = await startRelay()
  await Promise.all(['a', 'b', 'c'].map((tag) => post({ ...john, tags: [tag] })))
  const creates = upstream.calls.filter(({ method }) => method === 'POST')
  expect(creates).toHaveLength(1)
  expect(upstream.calls.filter(({ method }) => method === 'PUT')).toHaveLength(2)
})

describe('User.com refuses attributes', () => {
  const refuse = (body: unknown) => startRelay({ knownEmail: 'create' }, () => ({ status: 400, body }))
  const attributes = { ...john, plan: 'pro' }

  it('the page hears the field and our code, never the text', async () => {
    const { post, said } = await refuse({
      plan: ['Attribute secret-text does not exist.'],
      first_name: ['Ensure this field has no more than 40 characters.'],
      email: ['Enter a valid email address.'],
    })
    const heard = await post(attributes)
    expect([heard.status, parseIssues(heard)]).toEqual([
      422,
      [
        ['plan', 'not_allowed'],
        ['first_name', 'max_length'],
        ['email', 'email'],
      ],
    ])
    expect(said.join()).not.toMatch(/secret-text|Ensure|Enter/)
  })

  it.each([
    ['says something of who it is', { email: ['Belongs to user 77 of the team.'] }],
    ['names a field that was not sent', { internal_note: ['secret'] }],
    ['has only a detail', { detail: 'This person is banned' }],
    ['has no field at all', {}],
  ])('the page hears nothing where the refusal %s', async (_, body) => {
    const { post } = await refuse(body)
    const heard = await post(attributes)
    expect([heard.status, heard.text]).toEqual([202, ''])
  })
})

it('is the same answer to the byte for someone known and someone new', async () => {
  const { post } = await startRelay({}, ({ path, method }) => {
    if (path.includes('known')) return { status: 200, body: secretUser }
    return path.includes('/search/') || method === 'GET'
      ? { status: 404, body: { detail: 'Not found.' } }
      : { status: 201, body: secretUser }
  })
  const heard = await Promise.all([
    post({ email: 'known@example.org' }),
    post({ email: 'other@example.org' }),
  ])
  const [known, other] = heard.map(({ status, text, headers }) => [
    status,
    text,
    [...headers].filter(([name]) => name !== 'date'),
  ])
  expect(known).toEqual(other)
  expect(heard[0]?.headers.get('access-control-allow-origin')).toBe(page)
})
