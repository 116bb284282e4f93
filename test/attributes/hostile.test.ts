import { describe, expect, it } from 'vitest'
import { parseAttributes } from '../../src/attributes'

const explode = (): never => {
  throw new Error('hostile')
}
const revoked = (target: object) => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}
const cycle: Record<string, unknown> = { plan: 'pro' }
cycle.self = cycle
const endless = ['a']
endless[Symbol.iterator] = function* () {
  for (;;) yield 'a'
}
const fakeDate = Object.assign(Object.create(Date.prototype) as object, { toISOString: () => 'fake' })
const dressedDate = Object.assign(new Date(0), { toISOString: explode, toJSON: explode })

const codesOf = (input: unknown) => parseAttributes(input).issues.map(({ field, code }) => `${field}:${code}`)

describe('hostile values', () => {
  it.each<[string, unknown, string[]]>([
    [
      'a getter that throws',
      Object.defineProperty({ plan: 1 }, 'email', { enumerable: true, get: explode }),
      ['email:type'],
    ],
    ['a revoked proxy', revoked({}), [':type']],
    ['a proxy whose traps throw', new Proxy({}, { ownKeys: explode }), [':type']],
    [
      'a proxy that has no descriptors',
      new Proxy({ a: 1 }, { getOwnPropertyDescriptor: explode }),
      [':type'],
    ],
    [
      'a value that is a revoked proxy',
      { plan: revoked([]), email: revoked({}) },
      ['plan:type', 'email:type'],
    ],
    ['a list that is a proxy and throws', { tags: new Proxy(['a'], { get: explode }) }, ['tags:type']],
    ['a list whose entry throws', { tags: Object.defineProperty([], 0, { get: explode }) }, ['tags:type']],
    ['a cycle', cycle, ['self:type']],
    ['a list of itself', { tags: ((list: unknown[]) => (list.push(list), list))([]) }, ['tags:type']],
    ['text that converts itself', { email: { toString: explode, valueOf: explode } }, ['email:type']],
    ['no Date after all', { since: fakeDate }, ['since:type']],
    ['a class', { email: class {} }, ['email:type']],
  ])('%s', (_, input, codes) => {
    expect(codesOf(input)).toEqual(codes)
  })

  it('reads a date by itself, not by what is hung on it', () => {
    expect(parseAttributes({ since: dressedDate })).toEqual({
      attributes: { since: '1970-01-01T00:00:00.000Z' },
      issues: [],
    })
  })

  it('reads a list by its entries, not by an iterator that never ends', () => {
    expect(parseAttributes({ tags: endless })).toEqual({ attributes: { tags: ['a'] }, issues: [] })
  })

  it('reads a list by its entries, not by methods and constructors of its own', () => {
    const raw = { secret: {} }
    const methods = Object.fromEntries(
      ['map', 'flat', 'filter', 'forEach'].map((name) => [name, () => [raw]]),
    )
    const species = { [Symbol.species]: explode }
    expect(parseAttributes({ tags: Object.assign([' a '], methods, { constructor: species }) })).toEqual({
      attributes: { tags: ['a'] },
      issues: [],
    })
  })

  it('ignores symbols and what is inherited', () => {
    const input = Object.assign(Object.create({ email: 'not an email' }) as object, {
      [Symbol('a')]: {},
      plan: 'pro',
    })
    expect(parseAttributes(input)).toEqual({ attributes: { plan: 'pro' }, issues: [] })
  })

  it('takes an object without a prototype, and a frozen one', () => {
    const bare = Object.assign(Object.create(null) as object, { plan: 'pro' })
    expect(parseAttributes(Object.freeze(bare)).attributes).toEqual({ plan: 'pro' })
  })
})

describe('prototypes', () => {
  it.each(['__proto__', 'constructor', 'prototype', ' __proto__ ', '\u0085constructor'])(
    'own key %j',
    (key) => {
      const { attributes, issues } = parseAttributes(
        JSON.parse(`{${JSON.stringify(key)}: {"admin": true}, "plan": "pro"}`),
      )
      expect(issues.map(({ code }) => code)).toEqual(['name'])
      expect(attributes).toEqual({ plan: 'pro' })
      expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype)
      expect((attributes as { admin?: unknown }).admin).toBeUndefined()
      expect(({} as { admin?: unknown }).admin).toBeUndefined()
    },
  )
})

describe('size', () => {
  it('is bounded in what it answers, whatever it is sent', () => {
    const numbers = parseAttributes({ tags: Array.from({ length: 30_000 }, () => 1) })
    expect(numbers.issues).toHaveLength(1)
    const longName = parseAttributes({ ['x'.repeat(1e6)]: {} })
    expect(JSON.stringify(longName.issues).length).toBeLessThan(300)
  })

  // Backtracking would take these hours, not milliseconds: then the test runs into its time limit.
  it.each([' ', '\u0085', 'a.', 'a', '@', '-', '(', 'a@', '.a', 'a-', '\ud83d\ude00', 'ü'])(
    'a million times %j takes no time worth naming',
    (piece) => {
      const text = piece.repeat(1e6 / piece.length)
      for (const value of [text, `x${text}x`, `a@b.co${text}`, `a@${text}!`, `${text}@b.co`, `+4${text}`])
        parseAttributes(
          { email: value, first_name: value, phone_number: value, tags: value, [value]: value },
          {
            tooLong: 'truncate',
          },
        )
    },
  )
})
