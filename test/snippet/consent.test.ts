import { describe, expect, it, vi } from 'vitest'
import { useSnippet } from './useSnippet'

const relay = useSnippet()
const john = { email: 'john@example.org' }
const accepted = { ok: true, status: 'accepted' }
const refused = { ok: false, reason: 'consent', issues: [] }
const later = () => new Response('', { status: 503, headers: { 'Retry-After': '3600' } })

describe('consent required', () => {
  it('before it, nothing is stored, sent or left running', async () => {
    const client = relay.client({ consent: 'required' })
    const [ended, flushed] = [vi.fn(), vi.fn()]
    void client.identify(john).then(ended)
    void client.flush().then(flushed)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(relay.stored()).toBe('[{},{}]')
    expect(relay.posts).toHaveLength(0)
    expect(ended).not.toHaveBeenCalled()
    expect(flushed).toHaveBeenCalled()
    expect(await relay.countTimers()).toBe(0)
  })

  it('with it, what waited is stored and sent, in order', async () => {
    const client = relay.client({ consent: 'required' })
    const results = [client.identify(john), client.identify({ email: 'b@example.org' })]
    client.consent(true)
    expect(relay.stored()).toContain('john@example.org')
    await relay.settle()
    expect(await Promise.all(results)).toEqual([accepted, accepted])
    expect(relay.emails()).toEqual(['john@example.org', 'b@example.org'])
  })

  it('given again on the next page sends nothing that is unchanged', async () => {
    for (let page = 0; page < 2; page++) {
      const client = relay.client({ consent: 'required' })
      const result = client.identify(john)
      client.consent(true)
      await relay.settle()
      expect(await result).toEqual(page ? { ok: true, status: 'unchanged' } : accepted)
    }
    expect(relay.posts).toHaveLength(1)
  })

  it('asked for after the call takes it out of storage again', async () => {
    const client = relay.client()
    void client.identify(john)
    client.init({ consent: 'required' })
    expect(relay.stored()).not.toContain('john')
    await relay.settle()
    expect(relay.posts).toHaveLength(0)
  })

  it('what an earlier page left waits too', async () => {
    relay.reply = later
    void relay.client().identify(john)
    await relay.settle()
    relay.killPage()
    relay.reply = () => 202
    await vi.advanceTimersByTimeAsync(3_600_000)
    const client = relay.client({ consent: 'required' })
    await relay.settle()
    expect(relay.posts).toHaveLength(1)
    client.consent(true)
    await relay.settle()
    expect(relay.posts).toHaveLength(2)
  })
})

describe('consent(false)', () => {
  it('drops what waits, empties storage and refuses later calls', async () => {
    const client = relay.client()
    void client.identify({ email: 'before@example.org' })
    await relay.settle()
    relay.reply = later
    const result = client.identify(john)
    await relay.settle()
    client.consent(false)
    expect(await result).toEqual(refused)
    expect(relay.stored()).toBe('[{},{}]')
    expect(await client.identify({ email: 'c@example.org' })).toEqual(refused)
    await vi.advanceTimersByTimeAsync(86_400_000)
    expect(relay.posts).toHaveLength(2)
    expect(await relay.countTimers()).toBe(0)
  })

  it('empties storage also where nothing was agreed to on this page', async () => {
    relay.reply = later
    void relay.client().identify(john)
    await relay.settle()
    relay.killPage()
    relay.client({ consent: 'required' }).consent(false)
    expect(relay.stored()).toBe('[{},{}]')
  })

  it.each([202, 503])('a call on its way leaves nothing behind when it is answered: %i', async (status) => {
    let answer = (_: number) => {}
    relay.reply = () => new Promise((resolve) => (answer = resolve))
    const onResult = vi.fn()
    const client = relay.client({ onResult })
    const result = client.identify(john)
    await relay.settle()
    client.consent(false)
    answer(status)
    await relay.settle()
    expect(await result).toEqual(refused)
    expect(relay.stored()).toBe('[{},{}]')
    expect(onResult).toHaveBeenCalledTimes(1)
  })

  it('may be changed', async () => {
    const client = relay.client()
    client.consent(false)
    client.consent(true)
    const result = client.identify(john)
    await relay.settle()
    expect(await result).toEqual(accepted)
  })

  it.each([undefined, null, 1, 'yes', {}])('so does what is not true: %j', async (value) => {
    const client = relay.client({ consent: 'required' })
    client.consent(value as never)
    expect(await client.identify(john)).toEqual(refused)
  })
})

describe('respectGpc', () => {
  it.each([
    [true, true, refused],
    [true, false, accepted],
    [false, true, accepted],
    [undefined, true, accepted],
  ])('signal %s, option %s', async (signal, respectGpc, expected) => {
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: signal, configurable: true })
    const result = relay.client({ respectGpc }).identify(john)
    await relay.settle()
    expect(await result).toEqual(expected)
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: undefined, configurable: true })
  })

  it('gives way to what the visitor says on the page', async () => {
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true, configurable: true })
    const client = relay.client({ respectGpc: true })
    client.consent(true)
    client.init({ respectGpc: true })
    const result = client.identify(john)
    await relay.settle()
    expect(await result).toEqual(accepted)
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: undefined, configurable: true })
  })
})
