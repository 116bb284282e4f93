// @vitest-environment jsdom
import { createClient, type Attributes, type Client, type Options, type Result } from 'usercom-snippet'
import { createTestClient } from 'usercom-snippet/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

vi.setConfig({ testTimeout: 30_000 })

const john = { email: ' myemail@example.org ', first_name: 'John', tags: [' new ', 'new', ''] }
const jane = { email: 'jane@example.org' }

type Scenario = { options?: Options; act(client: Client): Promise<Result>[] }

/** Sequences of calls whose ends, and what leaves because of them, must be those of the real client. */
const scenarios: Record<string, Scenario> = {
  'trims what it sends': { act: (client) => [client.identify(john)] },
  'sends nothing twice': { act: (client) => [client.identify(john), client.identify(john)] },
  'sends what is unchanged when it is forced to': {
    act: (client) => [client.identify(john), client.identify(john, { force: true })],
  },
  'sends the same attributes again under a token': {
    act: (client) => [client.identify(john), client.identify(john, { token: 'a.b.c' })],
  },
  'sends another person': { act: (client) => [client.identify(john), client.identify(jane)] },
  'refuses what is wrong': {
    act: (client) => [client.identify({ email: 'nonsense', first_name: 'x'.repeat(41) })],
  },
  'refuses what is empty': { act: (client) => [client.identify({})] },
  'cuts names where it is told to': {
    options: { tooLong: 'truncate' },
    act: (client) => [client.identify({ ...jane, first_name: 'x'.repeat(41) })],
  },
  'sends what beforeSend makes of it': {
    options: { beforeSend: (attributes): Attributes => ({ ...attributes, plan: ' pro ' }) },
    act: (client) => [client.identify(jane)],
  },
  'stops where beforeSend says so': {
    options: { beforeSend: () => null },
    act: (client) => [client.identify(jane)],
  },
  'waits for consent': {
    options: { consent: 'required' },
    act: (client) => {
      const waiting = [client.identify(john), client.identify(jane)]
      client.consent(true)
      return waiting
    },
  },
  'drops what waits where consent is refused, and takes no more': {
    options: { consent: 'required' },
    act: (client) => {
      const waiting = client.identify(john)
      client.consent(false)
      return [waiting, client.identify(jane)]
    },
  },
  'forgets who it was': {
    act: (client) => {
      const first = client.identify(john)
      return [first, first.then(() => (client.reset(), client.identify(john)))]
    },
  },
}

describe('the test client ends as the real one does', () => {
  const bodies: unknown[] = []

  beforeEach(() => {
    localStorage.clear()
    bodies.length = 0
    vi.stubGlobal('fetch', async (_: unknown, { body }: RequestInit) => {
      bodies.push(JSON.parse(body as string))
      return new Response(null, { status: 202 })
    })
  })
  afterEach(() => vi.unstubAllGlobals())

  it.each(Object.entries(scenarios))('%s', async (_, { options = {}, act }) => {
    const real = await Promise.all(act(createClient({ storage: 'memory', ...options })))
    const double = createTestClient(options)
    expect(await Promise.all(act(double))).toEqual(real)
    expect(double.sent.map(({ attributes }) => attributes)).toEqual(bodies)
  })
})
