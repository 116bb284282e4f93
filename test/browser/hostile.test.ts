import { expect, it } from 'vitest'
import { useSite } from '../support/useSite'

const site = useSite()

it('300 hostile arguments: no call throws, no promise rejects, the page sees no error', async () => {
  const page = await site.open()
  await page.waitForFunction(() => 'createClient' in window.UserCom)
  const outcome = await page.evaluate(async () => {
    const rejections: string[] = []
    addEventListener('unhandledrejection', (event) => rejections.push(String(event.reason)))
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    const throwing = new Proxy(
      {},
      {
        get() {
          throw new Error('get')
        },
        ownKeys() {
          throw new Error('ownKeys')
        },
        getPrototypeOf() {
          throw new Error('getPrototypeOf')
        },
      },
    )
    const hostile: unknown[] = [
      undefined,
      null,
      true,
      0,
      -0,
      NaN,
      Infinity,
      1n,
      '',
      'text',
      '\ud800',
      Symbol('s'),
      () => {},
      class {},
      [],
      [[]],
      new Array(4294967295),
      {},
      cycle,
      revoked.proxy,
      throwing,
      new Map(),
      new Set([1]),
      new Date(NaN),
      new Date(),
      /x/,
      new Error('e'),
      Promise.reject,
      new Proxy(() => {}, {}),
      Object.create(null),
      new Uint8Array(9),
      globalThis,
      document,
      new String('x'),
      {
        get email() {
          throw new Error('getter')
        },
      },
      {
        toJSON() {
          throw new Error('toJSON')
        },
      },
      {
        then() {
          throw new Error('then')
        },
      },
      JSON.parse('{"__proto__":{"polluted":true}}'),
      { constructor: { prototype: { polluted: true } } },
      {
        toString() {
          throw new Error('toString')
        },
        valueOf() {
          throw new Error('valueOf')
        },
      },
      {
        [Symbol.toPrimitive]() {
          throw new Error('toPrimitive')
        },
      },
      { length: -1 },
      'x'.repeat(100000),
      Object.freeze({ email: 1 }),
      {
        get [Symbol.iterator]() {
          throw new Error('iterator')
        },
      },
      [throwing],
      [1n],
      ['\udfff'],
      { a: { b: {} } },
      Number.MAX_VALUE,
      '\0',
    ]
    let calls = 0
    const results: unknown[] = []
    const client = UserCom as unknown as Record<string, (...values: unknown[]) => unknown>
    const call = async (name: string, ...values: unknown[]) => {
      calls++
      results.push(await client[name]!(...values))
    }
    for (const value of hostile) {
      await call('identify', value)
      for (const field of ['email', 'tags', 'custom', 'company_custom_id'])
        await call('identify', { [field]: value })
      await call('identify', { email: value }, value)
      await call('reset', value)
      await call('init', { beforeSend: value, onResult: value })
      await call('init', { beforeSend: undefined, onResult: undefined })
    }
    await new Promise((resolve) => setTimeout(resolve))
    return {
      calls,
      rejections,
      polluted: 'polluted' in {},
      strange: results.filter(
        (result) => result !== undefined && typeof (result as { ok: unknown }).ok !== 'boolean',
      ).length,
    }
  })
  expect(outcome.calls).toBeGreaterThan(300)
  expect(outcome).toMatchObject({ rejections: [], polluted: false, strange: 0 })
})
