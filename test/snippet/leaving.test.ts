import { describe, expect, it, vi } from 'vitest'
import { useSnippet } from './useSnippet'

const relay = useSnippet()
const identifyAll = (client: ReturnType<typeof relay.client>, ...names: string[]) =>
  names.map((name) => client.identify({ email: `${name}@example.org` }))
const leave = () => {
  const event = new Event('pagehide')
  dispatchEvent(event)
}
const show = (persisted: boolean) =>
  dispatchEvent(Object.assign(new Event('pageshow'), { persisted }) as unknown as Event)

describe.each([
  ['hidden', () => relay.hide()],
  ['left', leave],
])('a page that is %s', (_, go) => {
  it('sends all that was not tried at once, with keepalive, and takes the answers', async () => {
    const results = identifyAll(relay.client(), 'a', 'b', 'c')
    go()
    expect(relay.emails()).toEqual(['a@example.org', 'b@example.org', 'c@example.org'])
    expect(relay.posts.every(({ init }) => init.keepalive)).toBe(true)
    await relay.settle()
    expect(await Promise.all(results)).toEqual(Array(3).fill({ ok: true, status: 'accepted' }))
    expect(relay.posts).toHaveLength(3)
  })

  it('does not send again what is on its way', async () => {
    let answer = (_: number) => {}
    relay.reply = () => new Promise((resolve) => (answer = resolve))
    const [result] = identifyAll(relay.client(), 'a')
    await relay.settle()
    go()
    expect(relay.posts).toHaveLength(1)
    answer(202)
    await relay.settle()
    expect(await result).toEqual({ ok: true, status: 'accepted' })
  })

  it('sends once more without keepalive where that is refused, and no third time', async () => {
    relay.reply = () => 'silence'
    identifyAll(relay.client(), 'a', 'b')
    go()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(relay.posts.map(({ init }) => init.keepalive)).toEqual([true, true, false, false])
    expect(await relay.countTimers()).toBe(0)
    expect(relay.stored()).toContain('a@example.org')
  })

  it('leaves alone a relay that said later, and one that never answered', async () => {
    relay.reply = () => new Response('', { status: 503, headers: { 'Retry-After': '60' } })
    identifyAll(relay.client(), 'a')
    await relay.settle()
    go()
    expect(relay.posts).toHaveLength(1)
  })

  it('sends nothing before consent', async () => {
    identifyAll(relay.client({ consent: 'required' }), 'a')
    go()
    await relay.settle()
    expect(relay.posts).toHaveLength(0)
  })
})

it('what was sent on leaving and had no answer is tried again on the next page, with the same key', async () => {
  relay.reply = () => 'hang'
  identifyAll(relay.client(), 'a')
  leave()
  relay.killPage()
  relay.reply = () => 202
  relay.client()
  await relay.settle()
  expect(relay.posts).toHaveLength(2)
  expect(relay.posts[1]!.key).toBe(relay.posts[0]!.key)
})

it('a page that is shown again goes on', async () => {
  relay.reply = () => 'silence'
  identifyAll(relay.client(), 'a')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(relay.posts).toHaveLength(3)
  leave()
  relay.reply = () => 202
  show(false)
  await relay.settle()
  expect(relay.posts).toHaveLength(3)
  leave()
  show(true)
  await relay.settle()
  expect(relay.posts).toHaveLength(4)
  expect(relay.stored()).not.toContain('a@example.org')
})

it('a prerendered page waits until it is looked at', async () => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  Object.defineProperty(document, 'prerendering', { value: true, configurable: true })
  identifyAll(relay.client(), 'a')
  await relay.settle()
  expect(relay.posts).toHaveLength(0)
  Object.defineProperty(document, 'prerendering', { value: false, configurable: true })
  relay.hide('visible')
  await relay.settle()
  expect(relay.posts).toHaveLength(1)
})

it('a page in a hidden tab sends at once', async () => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  identifyAll(relay.client(), 'a')
  await relay.settle()
  expect(relay.posts).toHaveLength(1)
  expect(await relay.countTimers()).toBe(0)
})

it('listens to nothing that keeps a page out of the back/forward cache', async () => {
  const listen = vi.spyOn(window, 'addEventListener')
  relay.client()
  expect(listen.mock.calls.map(([type]) => type as string).sort()).toEqual([
    'online',
    'pagehide',
    'pageshow',
    'prerenderingchange',
    'storage',
    'visibilitychange',
  ])
})
