import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { behaviours, startStandIn, type StandIn, type StandInOptions } from '../../demo/standin'

const apiKey = 'k'.repeat(64)
let standIn: StandIn
afterEach(() => standIn?.close())

async function start(options: StandInOptions = {}) {
  standIn = await startStandIn({ apiKey, ...options })
}

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(standIn.url + path, {
    method,
    headers: {
      authorization: `Token ${apiKey}`,
      accept: '*/*; version=2',
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  }
}

describe('the stand-in answers as the documentation says', () => {
  it('creates a user, stripped, and answers all of it', async () => {
    await start()
    const answer = await call('POST', 'users/', {
      email: ' john@example.org ',
      first_name: ' John ',
      plan: 'gold',
    })
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({ email: 'john@example.org', first_name: 'John', plan: 'gold' })
    expect(answer.body.key).toMatch(/^secret-key-/)
    expect(standIn.users).toHaveLength(1)
  })

  it.each([
    [{ email: 'a@@b.co' }, { email: ['Enter a valid email address.'] }],
    [{ email: ' ' }, { email: ['This field may not be blank.'] }],
    [{ first_name: '😀'.repeat(41) }, { first_name: ['Ensure this field has no more than 40 characters.'] }],
    [{ last_name: 'a\0b' }, { last_name: ['Null characters are not allowed.'] }],
    [{ first_name: null }, { first_name: ['This field may not be null.'] }],
    [{ plan: ' ' }, { plan: ['This field may not be blank.'] }],
    [{ plan: { is: 'gold' } }, { plan: ['Not a valid value.'] }],
    [{ plan: ['gold', 'a\0b'] }, { plan: ['Null characters are not allowed.'] }],
    [{ tags: ['new', 'a\0b'] }, { tags: ['Null characters are not allowed.'] }],
    [{ tags: 'new' }, { tags: ['Expected a list of items but got type "string".'] }],
  ])('refuses %j', async (body, errors) => {
    await start()
    expect(await call('POST', 'users/', body)).toMatchObject({ status: 400, body: errors })
    expect(standIn.users).toHaveLength(0)
  })

  it('takes 40 emoji as 40 characters', async () => {
    await start()
    expect((await call('POST', 'users/', { first_name: '😀'.repeat(40) })).status).toBe(201)
  })

  it('wants the key, the version and the last slash', async () => {
    await start()
    expect((await call('POST', 'users/', {}, { authorization: 'Token nope' })).status).toBe(401)
    expect((await call('POST', 'users/', {}, { accept: '*/*' })).status).toBe(406)
    expect((await call('POST', 'users', {})).status).toBe(404)
    expect(standIn.users).toHaveLength(0)
  })

  it('finds by email, adds tags and never removes one', async () => {
    await start()
    expect((await call('GET', 'users/search/?email=a@b.co')).status).toBe(404)
    const { body } = await call('POST', 'users/', { email: 'a@b.co', tags: ['one'] })
    expect((await call('GET', 'users/search/?email=A@b.co')).body.id).toBe(body.id)
    const updated = await call('PUT', `users/${body.id}/`, { tags: ['two'] })
    expect(updated.body).toMatchObject({ email: 'a@b.co', tags: ['one', 'two'] })
    expect((await call('GET', 'users/search/?email=a@b.co&many=true')).body).toHaveLength(1)
  })

  it('creates and updates by custom_id', async () => {
    await start()
    const first = await call('POST', 'users/update_or_create/', { custom_id: 'c1', first_name: 'Ann' })
    const second = await call('POST', 'users/update_or_create/', { custom_id: 'c1', first_name: 'Bea' })
    expect(first.body).toEqual({ created: true, id: second.body.id })
    expect(second.body.created).toBe(false)
    await call('PUT', 'users-by-id/c1/', { last_name: 'Doe' })
    expect(standIn.users).toMatchObject([{ first_name: 'Bea', last_name: 'Doe', name: 'Bea Doe' }])
    expect(await call('POST', 'users/update_or_create/', { first_name: 'Eve' })).toMatchObject({
      status: 400,
      body: { custom_id: ['This field is required.'] },
    })
  })

  it('lets ten through in a second, and says when to come again', async () => {
    await start()
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, n) => call('POST', 'users/', { score_of: n })),
    )
    const throttled = answers.filter((answer) => answer.status === 429)
    expect(throttled).toHaveLength(4)
    expect(throttled[0]!.headers.get('retry-after')).toBe('1')
    expect(throttled[0]!.body).toEqual({ detail: 'Request was throttled. Expected available in 1 second.' })
  })

  it('shows its users on a page, escaped', async () => {
    await start()
    await call('POST', 'users/', { first_name: '<script>alert(1)</script>' })
    const page = await (await fetch(standIn.pageUrl)).text()
    expect(page).toContain('alert(1)')
    expect(page).not.toContain('<script>')
  })

  it('behaves as it is told, until it is told nothing', async () => {
    await start()
    standIn.behave(() => new Response('<h1>Bad gateway</h1>', { status: 502 }))
    expect((await fetch(`${standIn.url}users/`, { method: 'POST' })).status).toBe(502)
    standIn.behave()
    expect((await call('POST', 'users/', {})).status).toBe(201)
    expect(standIn.requests.map((request) => request.status)).toEqual([502, 201])
  })
})

describe('the ways of being broken', () => {
  const get = (init: RequestInit = {}) => fetch(`${standIn.url}users/`, { redirect: 'manual', ...init })

  it.each([500, 503, 401, 403])('answers %i', async (status) => {
    await start()
    standIn.behave(behaviours.answers(status, { 'retry-after': '7' }))
    const response = await get()
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
      status,
      '7',
      '',
    ])
  })

  it('answers rubbish with a status of success', async () => {
    await start()
    standIn.behave(behaviours.rubbish(201))
    const response = await get()
    expect(response.status).toBe(201)
    expect(await response.text()).toMatch(/^<!doctype html>/)
  })

  it('redirects', async () => {
    await start()
    standIn.behave(behaviours.redirects('http://127.0.0.1:9/elsewhere'))
    const response = await get()
    expect([response.status, response.headers.get('location')]).toEqual([307, 'http://127.0.0.1:9/elsewhere'])
  })

  it('sends a huge body', async () => {
    await start()
    standIn.behave(behaviours.huge(3_000_001))
    expect((await (await get()).arrayBuffer()).byteLength).toBe(3_000_001)
  })

  it('resets the connection', async () => {
    await start()
    standIn.behave(behaviours.resets())
    await expect(get()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(standIn.requests).toMatchObject([{ status: 0 }])
  })

  it('hangs until it is closed', async () => {
    await start()
    let isAsked = () => {}
    const asked = new Promise<void>((resolve) => (isAsked = resolve))
    standIn.behave((request, connection) => {
      isAsked()
      return behaviours.hangs()(request, connection)
    })
    const answer = expect(get()).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } })
    await asked
    expect(standIn.requests).toMatchObject([{ status: 0 }])
    await standIn.close()
    await answer
  })
})

it('runs as a process that prints its address, and ends when it is told to', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'demo/standin/command.ts', '--port', '0'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  expect(await (await fetch(new URL('/_users.json', url))).json()).toEqual([])
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
})
