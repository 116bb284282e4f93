import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { KnownEmail, RelayEvent, RelayOptions } from '../src/index.js'
import { createTestRelay } from './support/createTestRelay.js'
import { unsaid } from './support/startRelay.js'
import { secretUser } from './support/startUpstream.js'

const knownEmail = 'known.person@example.org'
const newEmail = 'new.person@example.net'

/** What is so in User.com: for everyone, and for the one person whom it knows. */
interface State {
  /** How it answers everyone; 200: as documented. */
  status: number
  /** What a write about the known person is answered. */
  knownAnswer: { status: number; body: unknown }
  /** Whether the known one is there several times: the search then answers a list. */
  isTwice: boolean
}

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'x-person': secretUser.key, 'retry-after': '3' },
  })

const createFetch =
  ({ status, knownAnswer, isTwice }: State): typeof fetch =>
  async (input, init) => {
    const url = new URL(String(input))
    const said = `${url.search} ${typeof init?.body === 'string' ? init.body : ''}`
    const isKnown =
      decodeURIComponent(said).includes(knownEmail) || url.pathname.endsWith(`/${secretUser.id}/`)
    if (status !== 200) return json(status, { detail: 'Not now', user: secretUser })
    if (url.pathname.endsWith('/search/')) {
      if (!isKnown) return json(404, { detail: 'Not found.' })
      return json(200, isTwice ? [secretUser, secretUser] : secretUser)
    }
    return isKnown ? json(knownAnswer.status, knownAnswer.body) : json(201, { ...secretUser, id: 12_345 })
  }

const state = fc.record<State>({
  status: fc.constantFrom(200, 200, 200, 429, 500, 503, 401, 403, 302, 404, 408, 418),
  knownAnswer: fc.oneof(
    fc.constant({ status: 200, body: secretUser }),
    fc.constantFrom(400, 409, 422).chain((status) =>
      fc.record({
        status: fc.constant(status),
        body: fc.oneof(
          fc.constantFrom<unknown>(
            { email: ['user with this email already exists.'] },
            { email: ['This person is banned.'] },
            { custom_id: ['This field must be unique.'] },
            { phone_number: ['Belongs to someone else'] },
            { detail: 'Merged into another user' },
            { non_field_errors: ['Already merged'], key: [secretUser.key] },
            {},
          ),
          fc.dictionary(fc.constantFrom('email', 'merged', 'detail', 'last_ip'), fc.string()),
        ),
      }),
    ),
  ),
  isTwice: fc.boolean(),
})

const options = fc.record({
  knownEmail: fc.constantFrom<KnownEmail>('add-tags', 'leave', 'update', 'create'),
  way: fc.constantFrom('direct', 'outbox'),
})

/** Everything that a page gets to see of an answer, in bytes, but for the date. */
const toBytes = async (answer: Response) =>
  JSON.stringify([
    answer.status,
    answer.statusText,
    [...answer.headers].filter(([name]) => name !== 'date').sort(),
    await answer.text(),
  ])

describe('for any two people and any state of User.com', () => {
  it('the two answers are the same to the byte, and hold nothing of it', async () => {
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(state, options, fc.boolean(), async (given, { way, ...others }, isKnownFirst) => {
        const events: RelayEvent[] = []
        const relayOptions: Partial<RelayOptions> = {
          ...others,
          upstreamPerSecond: 1_000,
          fetch: createFetch(given),
          report: (event) => void events.push(event),
        }
        const people = isKnownFirst ? [knownEmail, newEmail] : [newEmail, knownEmail]
        const answers = []
        for (const email of people) {
          // Each in a relay of its own: what the first one did to the pace is the same for all who come later.
          const { relay, post } = createTestRelay({
            ...relayOptions,
            outbox: way === 'outbox' ? 'memory:' : (undefined as never),
          })
          const answer = await post(JSON.stringify({ email, first_name: 'Some', tags: ['one'] }))
          statuses.add(answer.status)
          answers.push(await toBytes(answer))
          await relay.close()
        }
        expect(answers[0]).toBe(answers[1])
        const said = `${answers.join()}${JSON.stringify(events)}`
        for (const never of [...unsaid, knownEmail, newEmail]) expect(said).not.toContain(never)
      }),
      { numRuns: 500 },
    )
    expect([...statuses].sort()).toEqual([202, 503])
  })

  it('a refusal of what is written of new people alone tells no one who is new', async () => {
    const answers = new Set<string>()
    for (const way of ['add-tags', 'leave', 'update'] as const)
      for (const email of [knownEmail, newEmail]) {
        const usercom = createFetch({
          status: 200,
          knownAnswer: { status: 200, body: secretUser },
          isTwice: false,
        })
        const { relay, post } = createTestRelay({
          knownEmail: way,
          outbox: undefined as never,
          fetch: async (input, init) =>
            init?.method === 'POST' ? json(400, { plan: ['Not a valid choice.'] }) : usercom(input, init),
        })
        onTestFinished(relay.close)
        answers.add(await toBytes(await post(JSON.stringify({ email, plan: 'pro' }))))
      }
    expect([...answers]).toEqual([expect.stringContaining('202')])
  })

  it('the second identify of someone is answered like the first', async () => {
    for (const outbox of ['memory:' as const, undefined as never]) {
      const { relay, post } = createTestRelay({
        upstreamPerSecond: 1_000,
        outbox,
        fetch: createFetch({
          status: 200,
          knownAnswer: { status: 200, body: secretUser },
          isTwice: false,
        }),
      })
      onTestFinished(relay.close)
      const answers = []
      for (const email of [newEmail, newEmail, knownEmail, knownEmail, newEmail])
        answers.push(await toBytes(await post(JSON.stringify({ email }))))
      expect(new Set(answers).size).toBe(1)
    }
  })
})
