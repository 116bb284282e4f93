import { describe, expect, it, vi } from 'vitest'
import { useSnippet } from './useSnippet'

const relay = useSnippet()
const john = { email: 'john@example.org' }
const later = (headers: Record<string, string> = {}, body = '') =>
  new Response(body, { status: 503, headers })
const times = () => relay.posts.map(({ at }) => at - relay.posts[0]!.at)

describe('a relay that says later', () => {
  it.each([
    ['in seconds', () => later({ 'Retry-After': '2' })],
    ['as a date', () => later({ 'Retry-After': new Date(Date.now() + 2000).toUTCString() })],
    ['in the body', () => later({}, '{"retry_after":2}')],
  ])('is left alone for as long as it says: %s', async (_, answer) => {
    relay.reply = () => (relay.posts.length === 1 ? answer() : 202)
    const result = relay.client().identify(john)
    await vi.advanceTimersByTimeAsync(1999)
    expect(relay.posts).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await result).toEqual({ ok: true, status: 'accepted' })
    expect(new Set(relay.posts.map(({ key }) => key)).size).toBe(1)
  })

  it.each([408, 425, 429, 500, 502, 503, 504])('%i is tried again', async (status) => {
    relay.reply = () => (relay.posts.length === 1 ? status : 202)
    const result = relay.client().identify(john)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await result).toEqual({ ok: true, status: 'accepted' })
  })

  it('and not when: exponential back-off with full jitter and a ceiling', async () => {
    relay.reply = () => later({ 'Retry-After': 'soon' })
    void relay.client().identify(john)
    await vi.advanceTimersByTimeAsync(2_000_000)
    const waits = times().map((time, index, all) => Math.round((all[index + 1]! - time) / 1000))
    expect(waits.slice(0, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    vi.mocked(Math.random).mockReturnValue(0.5)
    await vi.advanceTimersByTimeAsync(300_000)
    const before = relay.posts.length
    await vi.advanceTimersByTimeAsync(450_000)
    expect(relay.posts.length - before).toBe(3)
  })

  it('in a month is asked again, not at once', async () => {
    relay.reply = () => later({ 'Retry-After': `${86_400 * 30}` })
    void relay.client().identify(john)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(relay.posts).toHaveLength(1)
  })

  it('is obeyed by the next page too, and calls stay in order', async () => {
    relay.reply = () => later({ 'Retry-After': '60' })
    const first = relay.client()
    void first.identify({ email: 'a@example.org' })
    void first.identify({ email: 'b@example.org' })
    await relay.settle()
    relay.killPage()
    relay.posts.length = 0
    relay.reply = () => 202
    await vi.advanceTimersByTimeAsync(1000)
    void relay.client().identify({ email: 'c@example.org' })
    await vi.advanceTimersByTimeAsync(58_000)
    expect(relay.posts).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1_500)
    expect(relay.emails()).toEqual(['a@example.org', 'b@example.org', 'c@example.org'])
  })
})

describe('nothing that answers', () => {
  it('is tried three times, the second at once and without keepalive, and then let be', async () => {
    relay.reply = () => 'silence'
    const client = relay.client()
    void client.identify(john)
    void client.identify({ email: 'b@example.org' })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(relay.posts.map(({ init }) => init.keepalive)).toEqual([true, false, false])
    expect(times()[1]).toBe(0)
    expect(times()[2]).toBeGreaterThan(0)
    expect(relay.emails()).toEqual(Array(3).fill('john@example.org'))
    expect(await relay.countTimers()).toBe(0)
    expect(relay.stored()).toContain('b@example.org')
  })

  it('is tried again on `online`, and by flush', async () => {
    relay.reply = () => 'silence'
    const client = relay.client()
    void client.identify(john)
    await vi.advanceTimersByTimeAsync(60_000)
    dispatchEvent(new Event('online'))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(relay.posts).toHaveLength(6)
    relay.reply = () => 202
    const flushed = client.flush()
    await relay.settle()
    await flushed
    expect(relay.posts).toHaveLength(7)
    expect(relay.stored()).not.toContain('john')
  })

  it('within the time limit is a try too', async () => {
    const limit = new AbortController()
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal)
    relay.reply = () => (relay.posts.length === 1 ? 'hang' : 202)
    const result = relay.client().identify(john)
    await relay.settle()
    expect(AbortSignal.timeout).toHaveBeenCalledWith(12_000)
    limit.abort()
    await relay.settle()
    expect(await result).toEqual({ ok: true, status: 'accepted' })
    expect(relay.posts.map(({ key }) => key)).toEqual([relay.posts[0]!.key, relay.posts[0]!.key])
  })

  it('is not even tried while the browser says offline', async () => {
    const onLine = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    const client = relay.client()
    const results = ['a', 'b'].map((name) => client.identify({ email: `${name}@example.org` }))
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(relay.posts).toHaveLength(0)
    expect(await relay.countTimers()).toBe(0)
    onLine.mockReturnValue(true)
    dispatchEvent(new Event('online'))
    await relay.settle()
    expect(relay.emails()).toEqual(['a@example.org', 'b@example.org'])
    expect(await Promise.all(results)).toEqual(Array(2).fill({ ok: true, status: 'accepted' }))
  })
})

it('no timer runs while nothing waits, or while the page is hidden', async () => {
  const client = relay.client()
  await relay.settle()
  expect(await relay.countTimers()).toBe(0)
  relay.reply = () => later({ 'Retry-After': '60' })
  void client.identify(john)
  await relay.settle()
  expect(await relay.countTimers()).toBe(1)
  relay.hide()
  expect(await relay.countTimers()).toBe(0)
  relay.reply = () => 202
  relay.hide('visible')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(relay.posts).toHaveLength(2)
  expect(await relay.countTimers()).toBe(0)
})

it('calls go one at a time', async () => {
  let answer = (_: number) => {}
  relay.reply = () => new Promise((resolve) => (answer = resolve))
  const client = relay.client()
  void client.identify({ email: 'a@example.org' })
  void client.identify({ email: 'b@example.org' })
  await relay.settle()
  expect(relay.emails()).toEqual(['a@example.org'])
  answer(202)
  await relay.settle()
  expect(relay.emails()).toEqual(['a@example.org', 'b@example.org'])
})
