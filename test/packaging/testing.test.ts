import { createTestClient, identify, testClient, type Result } from 'usercom-snippet/testing'
import { beforeEach, describe, expect, it } from 'vitest'

const john = { email: ' myemail@example.org ', first_name: 'John' }
const clean = { email: 'myemail@example.org', first_name: 'John' }
const throttled: Result = { ok: false, reason: 'full', issues: [] }

describe('a test client', () => {
  it('keeps what would have been sent, and every call as it was made', async () => {
    const client = createTestClient()
    client.init({ endpoint: '/elsewhere' })
    expect(await client.identify(john, { token: 'a.b.c' })).toEqual({ ok: true, status: 'accepted' })
    client.reset()
    client.consent(true)
    await client.flush()
    expect(client.sent).toStrictEqual([{ attributes: clean, options: { token: 'a.b.c' } }])
    expect(client.calls).toEqual([
      { name: 'init', args: [{ endpoint: '/elsewhere' }] },
      { name: 'identify', args: [john, { token: 'a.b.c' }] },
      { name: 'reset', args: [] },
      { name: 'consent', args: [true] },
      { name: 'flush', args: [] },
    ])
  })

  it('answers what it is told to, until it is told otherwise', async () => {
    const client = createTestClient()
    client.answer(throttled)
    expect([await client.identify(john), await client.identify(john)]).toEqual([throttled, throttled])
    client.answer({ ok: true, status: 'accepted' })
    expect(await client.identify(john)).toEqual({ ok: true, status: 'accepted' })
  })

  it('asks a function for its answer, which may take its time', async () => {
    const client = createTestClient()
    let release = (_: Result) => {}
    const seen: unknown[] = []
    client.answer((attributes, options) => {
      seen.push([attributes, options])
      return new Promise((resolve) => (release = resolve))
    })
    const result = client.identify(john, { force: true })
    expect(seen).toEqual([[clean, { force: true }]])
    release(throttled)
    expect(await result).toBe(throttled)
  })

  it('never rejects, whatever the answering function does', async () => {
    const client = createTestClient()
    client.answer(() => {
      throw new Error('mine')
    })
    expect(await client.identify(john)).toMatchObject({ ok: false, reason: 'unavailable' })
    client.answer(() => Promise.reject(new Error('mine')))
    expect(await client.identify(john)).toMatchObject({ ok: false, reason: 'unavailable' })
  })

  it('says how each call ended to onResult, whose faults stay its own', async () => {
    const heard: unknown[] = []
    const client = createTestClient({
      onResult: (result, attributes) => {
        heard.push([result, attributes])
        throw new Error('mine')
      },
    })
    await client.identify(john)
    expect(heard).toEqual([[{ ok: true, status: 'accepted' }, clean]])
  })

  it('begins anew', async () => {
    const client = createTestClient({ consent: 'required' })
    const waiting = client.identify(john)
    client.answer(throttled)
    client.clear()
    expect(await waiting).toMatchObject({ ok: false })
    expect([client.calls, client.sent]).toEqual([[], []])
    const again = client.identify(john)
    expect(client.sent).toEqual([])
    client.consent(true)
    expect(await again).toEqual({ ok: true, status: 'accepted' })
  })
})

describe('in place of the whole module', () => {
  beforeEach(() => testClient.clear())

  it('has the functions of the snippet, all of one client', async () => {
    await identify(john)
    expect(testClient.sent).toEqual([{ attributes: clean, options: {} }])
  })
})
