import { afterEach, expect, it, vi } from 'vitest'
import type { Client } from '../../src/types'
import { useSnippet } from './useSnippet'

const relay = useSnippet()
const rejections: unknown[] = []
const onRejection = (reason: unknown) => rejections.push(reason)
process.on('unhandledRejection', onRejection)
afterEach(() => void rejections.splice(0))

const bang = (): never => {
  throw new Error('hostile')
}
const trap = new Proxy(
  {},
  { get: bang, ownKeys: bang, getPrototypeOf: bang, has: bang, getOwnPropertyDescriptor: bang },
)
const cycle: Record<string, unknown> = {}
cycle.self = cycle
const revoked = Proxy.revocable({}, {})
revoked.revoke()
const revokedFunction = Proxy.revocable(() => {}, {})
revokedFunction.revoke()

const rejecting = async () => bang()

const hostile: unknown[] = [
  ...[
    undefined,
    null,
    true,
    false,
    0,
    -0,
    NaN,
    Infinity,
    -1,
    Number.MAX_VALUE,
    1n,
    Symbol('s'),
    Symbol.iterator,
  ],
  ...['', 'text', '\ud800', '\0', '__proto__', 'constructor', 'x'.repeat(100_000)],
  ...[() => {}, bang, class {}, rejecting, Promise.reject, revokedFunction.proxy],
  ...[{}, [], [[]], [trap], [1n], [Symbol('s')], ['\udfff'], new Array(4_294_967_295), { length: -1 }],
  ...[
    cycle,
    trap,
    revoked.proxy,
    Object.create(null),
    Object.create(trap),
    Object.freeze({ email: 1 }),
    { a: { b: {} } },
  ],
  ...[
    new Map(),
    new Set([1]),
    new Date(NaN),
    new Date(),
    /x/,
    new Error('e'),
    new Uint8Array(9),
    new String('x'),
  ],
  ...[{ toJSON: bang }, { toString: bang, valueOf: bang }, { [Symbol.toPrimitive]: bang }, { then: bang }],
  ...[Object.defineProperty({}, 'email', { get: bang, enumerable: true }), { [Symbol.iterator]: bang }],
  ...[JSON.parse('{"__proto__":{"polluted":true}}'), { constructor: { prototype: { polluted: true } } }],
  ...[globalThis, new Proxy([], { get: bang }), new Proxy(() => {}, { apply: bang })],
]

it('no call throws and no promise rejects, whatever is passed in', async () => {
  for (const name of ['error', 'log'] as const) vi.spyOn(console, name).mockImplementation(() => {})
  const promises: Promise<unknown>[] = []
  let calls = 0
  for (const value of hostile) {
    const client = relay.client() as unknown as Record<keyof Client, (...values: unknown[]) => unknown>
    const call = (name: keyof Client, ...values: unknown[]) => {
      calls++
      promises.push(client[name](...values) as Promise<unknown>)
    }
    call('identify', value)
    for (const field of ['email', 'tags', 'custom', 'custom_id']) call('identify', { [field]: value })
    call('identify', { email: 'a@example.org' }, value)
    for (const option of ['token', 'force']) call('identify', { email: 'a@example.org' }, { [option]: value })
    call('identify', { email: 'a@example.org' }, {}, value)
    call('reset', value)
    call('init', value)
    for (const option of ['endpoint', 'storage', 'consent', 'tooLong', 'contentType', 'maxAgeMs', 'debug'])
      call('init', { [option]: value })
    // A hook that is asynchronous is none: what it rejects is the host's own.
    call('init', { beforeSend: value === rejecting ? null : value, onResult: value, respectGpc: value })
    call('identify', { email: 'b@example.org' })
    call('init', { beforeSend: undefined, onResult: undefined, respectGpc: undefined, debug: undefined })
    call('init', { endpoint: relay.endpoint, storage: undefined, consent: undefined, maxAgeMs: undefined })
    call('consent', value)
    call('flush', value)
    call('consent', true)
  }
  expect(calls).toBeGreaterThan(300)
  await vi.advanceTimersByTimeAsync(3_600_000)
  const results = await Promise.all(promises)
  for (const result of results) if (result !== undefined) expect(result).toHaveProperty('ok')
  expect(rejections).toEqual([])
  expect('polluted' in {}).toBe(false)
})

it('a name that every object has is no name of a call', async () => {
  const client = relay.client() as unknown as { identify(...values: unknown[]): Promise<unknown> }
  for (const key of ['constructor', '__proto__', 'toString'])
    void client.identify({ email: 'a@example.org' }, { force: true }, key)
  await relay.settle()
  expect(relay.posts.map((post) => post.key)).toEqual(['constructor', '__proto__', 'toString'])
})

it('an answer that is hostile is an answer', async () => {
  for (const body of ['null', '[]', '{"issues":7}', '{"issues":null}', '{"issues":[', '7']) {
    relay.reply = () => new Response(body, { status: 400 })
    const result = relay.client().identify({ email: 'a@example.org' })
    await relay.settle()
    expect(await result).toEqual({ ok: false, reason: 'rejected', issues: [] })
  }
})

it('on a server nothing happens, and identify is unavailable', async () => {
  vi.stubGlobal('document', undefined)
  vi.stubGlobal('window', undefined)
  const error = vi.spyOn(console, 'error')
  vi.resetModules()
  const { consent, createClient, flush, identify, init, reset } = await import('../../src/index')
  init({ endpoint: 'https://relay.example.com/identify' })
  reset()
  consent(true)
  const client = createClient({ endpoint: 'https://relay.example.com/identify' })
  for (const call of [identify, client.identify])
    expect(await call({ email: 'a@example.org' })).toEqual({ ok: false, reason: 'unavailable', issues: [] })
  const flushed = flush()
  await vi.advanceTimersByTimeAsync(1000)
  await flushed
  expect(relay.posts).toHaveLength(0)
  expect(error).not.toHaveBeenCalled()
})
