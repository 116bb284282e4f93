import { describe, expect, it, vi } from 'vitest'
import { useSnippet } from './useSnippet'

const relay = useSnippet()
const john = { email: 'john@example.org' }
const accepted = { ok: true, status: 'accepted' }
const bang = () => {
  throw new Error('host')
}

describe('beforeSend', () => {
  it('changes what leaves, and is checked again', async () => {
    const client = relay.client({ beforeSend: ({ email }) => ({ email: email as string, plan: ' gold ' }) })
    void client.identify({ email: 'a@example.org', first_name: 'A' })
    await relay.settle()
    expect(relay.posts[0]!.body).toEqual({ email: 'a@example.org', plan: 'gold' })
  })

  it('stops what leaves, and what it throws stops it too, said once', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(await relay.client({ beforeSend: () => null }).identify(john)).toEqual({
      ok: false,
      reason: 'rejected',
      issues: [],
    })
    const client = relay.client({ beforeSend: bang })
    for (let n = 0; n < 3; n++)
      expect(await client.identify(john)).toMatchObject({ ok: false, reason: 'invalid' })
    await relay.settle()
    expect(relay.posts).toHaveLength(0)
    expect(error).toHaveBeenCalledTimes(1)
  })

  it('is not asked about what is invalid', async () => {
    const beforeSend = vi.fn()
    await relay.client({ beforeSend }).identify({ email: 'a@@b' })
    expect(beforeSend).not.toHaveBeenCalled()
  })
})

describe('onResult', () => {
  it('hears every end, with its attributes', async () => {
    const heard = vi.fn()
    const client = relay.client({ onResult: heard })
    void client.identify({ email: ' a@example.org ' })
    await relay.settle()
    void client.identify({ email: 'a@example.org' })
    void client.identify({ email: 'a@@b', first_name: 'A' })
    await relay.settle()
    client.consent(false)
    void client.identify(john)
    await relay.settle()
    expect(heard.mock.calls).toMatchObject([
      [accepted, { email: 'a@example.org' }],
      [{ ok: true, status: 'unchanged' }, { email: 'a@example.org' }],
      [{ ok: false, reason: 'invalid' }, { first_name: 'A' }],
      [{ ok: false, reason: 'consent' }, {}],
    ])
  })

  it.each([
    ['throws', bang],
    ['rejects', async () => bang()],
  ])('that %s is caught and said once', async (_, onResult) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const client = relay.client({ onResult })
    const results = ['a', 'b'].map((name) => client.identify({ email: `${name}@example.org` }))
    await relay.settle()
    expect(await Promise.all(results)).toEqual([accepted, accepted])
    expect(error).toHaveBeenCalledTimes(1)
  })
})

it('tooLong: truncate', async () => {
  void relay.client({ tooLong: 'truncate' }).identify({ first_name: 'x'.repeat(50) })
  await relay.settle()
  expect(relay.posts[0]!.body).toEqual({ first_name: 'x'.repeat(40) })
})

it('debug says what happens, and without it nothing is said', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const client = relay.client()
  void client.identify(john)
  await relay.settle()
  expect(log).not.toHaveBeenCalled()
  client.init({ debug: true })
  await client.identify({ email: 'a@@b' })
  expect(log).toHaveBeenCalled()
})

describe('init', () => {
  it('leaves what is not named, and the caller’s object, as they are', async () => {
    const options = Object.freeze({ endpoint: relay.endpoint, contentType: 'json' as const })
    const client = relay.client()
    client.init(options)
    client.init({ maxAgeMs: 1000 })
    void client.identify(john)
    await relay.settle()
    expect(relay.posts[0]).toMatchObject({
      url: relay.endpoint,
      init: { headers: { 'Content-Type': 'application/json' } },
    })
  })

  it('after the call takes what waits to the new endpoint', async () => {
    const client = relay.client({ endpoint: '/elsewhere' })
    void client.identify(john)
    client.init({ endpoint: relay.endpoint })
    client.init({ endpoint: relay.endpoint })
    await relay.settle()
    expect(relay.posts.map(({ url }) => url)).toEqual([relay.endpoint])
  })

  it('with an address that is none is refused as a whole, and said', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const client = relay.client()
    client.init({ endpoint: 'https://', contentType: 'json' })
    void client.identify(john)
    await relay.settle()
    expect(relay.posts.map(({ url }) => url)).toEqual([relay.endpoint])
    expect(error).toHaveBeenCalledTimes(1)
  })
})

it('flush settles when what waits was tried, also where nothing waits', async () => {
  const client = relay.client()
  let isDone = false
  void client.identify(john)
  void client.flush().then(() => (isDone = true))
  expect(isDone).toBe(false)
  await relay.settle()
  expect(isDone).toBe(true)
  expect(relay.posts).toHaveLength(1)
  const flushed = client.flush()
  await relay.settle()
  expect(await flushed).toBeUndefined()
})
