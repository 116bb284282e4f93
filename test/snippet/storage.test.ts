import { describe, expect, it, vi } from 'vitest'
import { useSnippet } from './useSnippet'

const relay = useSnippet()
const john = { email: 'john@example.org' }
const accepted = { ok: true, status: 'accepted' }
const later = () => new Response('', { status: 503, headers: { 'Retry-After': '3600' } })

describe('the lead is in storage', () => {
  it('before the first send, and until it is accepted', async () => {
    const result = relay.client().identify(john)
    expect(relay.stored()).toContain('john@example.org')
    await relay.settle()
    expect(await result).toEqual(accepted)
    expect(relay.stored()).not.toMatch(/john|example\.org/)
  })

  it('until it is refused', async () => {
    relay.reply = () => 400
    void relay.client().identify(john, { token: 'secret' })
    await relay.settle()
    expect(relay.stored()).not.toMatch(/john|secret/)
  })

  it('until it is expired', async () => {
    relay.reply = later
    const result = relay.client({ maxAgeMs: 1000 }).identify(john)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(await result).toEqual({ ok: false, reason: 'expired', issues: [] })
    expect(relay.posts).toHaveLength(1)
    expect(relay.stored()).not.toContain('john')
  })

  it('of the session only, where that is asked for', async () => {
    relay.reply = later
    void relay.client({ storage: 'session' }).identify(john)
    await relay.settle()
    expect(JSON.stringify({ ...localStorage })).not.toContain('john')
    expect(JSON.stringify({ ...sessionStorage })).toContain('john')
  })

  it('never, where memory is asked for', async () => {
    relay.reply = later
    void relay.client({ storage: 'memory' }).identify(john)
    await relay.settle()
    expect(relay.stored()).not.toContain('john')
    expect(Object.keys(Storage)).toEqual([])
    expect(relay.posts).toHaveLength(1)
  })

  it('no more, where init turns to memory after the call', async () => {
    const client = relay.client()
    void client.identify(john)
    client.init({ storage: 'memory' })
    expect(relay.stored()).not.toContain('john')
    await relay.settle()
    expect(relay.posts).toHaveLength(1)
  })
})

it('the next page sends what is left, with the same keys, in order, and tells onResult', async () => {
  relay.reply = () => 'hang'
  const first = relay.client()
  for (const name of ['a', 'b', 'c']) void first.identify({ email: `${name}@example.org` })
  await relay.settle()
  relay.killPage()
  const { key } = relay.posts[0]!
  relay.posts.length = 0
  relay.reply = () => 202
  const heard = vi.fn()
  relay.client({ onResult: heard })
  await relay.settle()
  expect(relay.emails()).toEqual(['a@example.org', 'b@example.org', 'c@example.org'])
  expect(relay.posts[0]!.key).toBe(key)
  expect(heard.mock.calls).toEqual(
    ['a', 'b', 'c'].map((name) => [accepted, { email: `${name}@example.org` }]),
  )
})

it('the next page joins what is left of the last one', async () => {
  relay.reply = () => 'hang'
  void relay.client().identify(john)
  await relay.settle()
  relay.killPage()
  relay.reply = () => 202
  const result = relay.client().identify(john)
  await relay.settle()
  expect(await result).toMatchObject({ ok: true })
  expect(new Set(relay.posts.map((post) => post.key)).size).toBe(1)
})

describe('storage that does not work', () => {
  const throws = () => {
    throw new DOMException('no', 'SecurityError')
  }
  const hostile = () =>
    new Proxy({} as Storage, {
      get: throws,
      set: throws,
      deleteProperty: throws,
      ownKeys: throws,
      has: throws,
    })

  it.each([
    ['every use throws', () => ({ value: hostile() })],
    ['reading the property throws', () => ({ get: throws })],
    ['is null', () => ({ value: null })],
    ['is not there', () => ({ value: undefined })],
    ['is full', () => ({ value: new Proxy({ 'usercom old': '{' } as unknown as Storage, { set: throws }) })],
  ])('%s: the call is accepted all the same', async (_, property) => {
    const original = Object.getOwnPropertyDescriptor(window, 'localStorage')!
    Object.defineProperty(window, 'localStorage', { ...property(), configurable: true })
    try {
      relay.reply = () => (relay.posts.length === 1 ? 503 : 202)
      const client = relay.client()
      const results = [client.identify(john), client.identify({ email: 'b@example.org' })]
      await vi.advanceTimersByTimeAsync(10_000)
      expect(await Promise.all(results)).toEqual([accepted, accepted])
      const again = client.identify({ email: 'b@example.org' })
      await relay.settle()
      expect(await again).toEqual({ ok: true, status: 'unchanged' })
      expect(relay.posts).toHaveLength(3)
    } finally {
      Object.defineProperty(window, 'localStorage', original)
    }
  })

  it('fills up between two writes: what was written last counts', async () => {
    let isFull = false
    const original = Object.getOwnPropertyDescriptor(window, 'localStorage')!
    const set = (texts: object, key: string, text: string) => !isFull && Reflect.set(texts, key, text)
    Object.defineProperty(window, 'localStorage', { value: new Proxy({}, { set }), configurable: true })
    try {
      relay.reply = () => {
        isFull = true
        return new Response('', { status: 503, headers: { 'Retry-After': '60' } })
      }
      void relay.client().identify(john)
      await vi.advanceTimersByTimeAsync(59_000)
      expect(relay.posts).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(1_000)
      expect(relay.posts).toHaveLength(2)
    } finally {
      Object.defineProperty(window, 'localStorage', original)
    }
  })

  it.each(['', '{', 'null', '[]', '7', '"text"', '{"at":1}', '{"at":1e99,"body":{}}', '\0\ud800'])(
    'holds rubbish under our keys: %j',
    async (rubbish) => {
      for (const name of ['', 'old', relay.endpoint]) localStorage.setItem('usercom ' + name, rubbish)
      const result = relay.client().identify(john)
      await relay.settle()
      expect(await result).toEqual(accepted)
    },
  )

  it('holds rubbish that looks like a call: it is tried, and nothing breaks', async () => {
    const rubbish = { url: relay.endpoint, body: '{"email":', at: 1_800_000_000_000, next: 'x', token: {} }
    localStorage.setItem('usercom x', JSON.stringify(rubbish))
    vi.stubGlobal('fetch', async () => new Response('', { status: 202 }))
    const result = relay.client().identify(john)
    await relay.settle()
    expect(await result).toEqual(accepted)
    expect(localStorage.getItem('usercom x')).toBeNull()
  })

  it('keeps its hands off other keys', async () => {
    localStorage.setItem('cart', '{"at":1,"body":"x"}')
    localStorage.setItem('usercommerce', 'x')
    const client = relay.client()
    void client.identify(john)
    await relay.settle()
    client.consent(false)
    expect({ ...localStorage }).toEqual({ cart: '{"at":1,"body":"x"}', usercommerce: 'x' })
  })
})

it('the host’s code clears all storage: what waits on this page is sent all the same', async () => {
  relay.reply = () => 'silence'
  const result = relay.client().identify(john)
  await vi.advanceTimersByTimeAsync(60_000)
  localStorage.clear()
  relay.reply = () => 202
  dispatchEvent(new Event('online'))
  await relay.settle()
  expect(await result).toEqual(accepted)
})

describe('bounds', () => {
  const full = { ok: false, reason: 'full', issues: [] }
  it('the 51st waiting call is full', async () => {
    relay.reply = later
    const client = relay.client()
    for (let n = 0; n < 50; n++) void client.identify({ email: `n${n}@example.org` })
    expect(await client.identify(john)).toEqual(full)
    expect(relay.stored()).not.toContain('john')
  })

  it('over 64 KiB waiting is full', async () => {
    const client = relay.client()
    void client.identify({ note: 'x'.repeat(32_000) })
    void client.identify({ note: 'y'.repeat(32_000) })
    expect(await client.identify({ note: 'z'.repeat(2_000) })).toEqual(full)
  })
})
