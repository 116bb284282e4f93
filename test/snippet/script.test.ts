import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Page } from '../../src/page'
import type { Client } from '../../src/types'
import { useSnippet } from './useSnippet'

const relay = useSnippet()
const page = globalThis as Page
const accepted = { ok: true, status: 'accepted' }
const unavailable = { ok: false, reason: 'unavailable', issues: [] }

const runStub = async () => {
  vi.resetModules()
  await import('../../src/stub')
  return page.UserCom as Client
}
const runScript = async () => {
  vi.resetModules()
  await import('../../src/script')
  return page.UserCom as Client & { createClient: unknown }
}
/** The tag is only looked at: nothing is loaded, and the test runs the script itself. */
const addTag = (attributes: Record<string, string>) => {
  const tag = document.createElement('script')
  tag.type = 'application/json'
  for (const [name, value] of Object.entries(attributes)) tag.setAttribute(name, value)
  document.head.append(tag)
  return tag
}
const send = vi.fn((_url: string, _body: string) => true)
const beacons = () =>
  send.mock.calls.map(([url, body]) => ({
    url: url.replace(/\?i=.*/, ''),
    body: JSON.parse(body) as unknown,
  }))

beforeEach(() => {
  send.mockClear()
  Object.defineProperty(navigator, 'sendBeacon', { value: send, configurable: true })
  addTag({ 'data-endpoint': relay.endpoint })
})
afterEach(() => {
  // A stub of an earlier test still listens.
  page.UserCom?.q?.splice(0)
  delete page.UserCom
  document.head.textContent = ''
})

describe('calls before the script has come', () => {
  it.each(['stub', 'stub stub', 'stub script', 'script', 'script stub'])(
    '%s: sent once, in order',
    async (order) => {
      for (const [index, part] of order.split(' ').entries()) {
        if (part === 'stub') await runStub()
        else await runScript()
        void page.UserCom!.identify!({ email: `${index}@example.org` })
      }
      const last = page.UserCom!.identify!({ email: 'last@example.org' })
      await runScript()
      await runScript()
      await relay.settle()
      expect(await last).toEqual(accepted)
      expect(relay.emails()).toEqual([
        ...order.split(' ').map((_, index) => `${index}@example.org`),
        'last@example.org',
      ])
    },
  )

  it('init and consent go first, the others in the order of their calls', async () => {
    const early = await runStub()
    const results = [early.identify({ email: 'a@example.org' }), early.identify({ email: 'a@example.org' })]
    early.reset()
    results.push(early.identify({ email: 'a@example.org' }))
    early.consent(true)
    early.init({
      endpoint: relay.endpoint + '/own',
      consent: 'required',
      beforeSend: (attributes) => ({ ...(attributes as { email: string }), plan: 'gold' }),
    })
    await runScript()
    await relay.settle()
    expect(await Promise.all(results)).toEqual([accepted, { ok: true, status: 'unchanged' }, accepted])
    expect(relay.posts.map(({ url }) => url)).toEqual(Array(2).fill(relay.endpoint + '/own'))
    expect(relay.posts.map(({ body }) => body)).toEqual(
      Array(2).fill({ email: 'a@example.org', plan: 'gold' }),
    )
  })

  it('a reference that was taken early keeps working', async () => {
    const { identify } = await runStub()
    await runScript()
    const result = identify({ email: 'a@example.org' })
    await relay.settle()
    expect(await result).toEqual(accepted)
  })

  it('an element whose id is UserCom is no stub', async () => {
    page.UserCom = document.createElement('div') as never
    const early = await runStub()
    void early.identify({ email: 'a@example.org' })
    await runScript()
    await relay.settle()
    expect(relay.posts).toHaveLength(1)
  })
})

describe('the tag', () => {
  it.each([
    [{ src: 'https://cdn.example.com/v1/usercom.js' }, 'https://cdn.example.com/v1/identify'],
    [{ src: 'https://cdn.example.com/usercom.js?v=1/2' }, 'https://cdn.example.com/identify'],
    [{ src: 'https://cdn.example.com/usercom.js', 'data-endpoint': '/own' }, 'http://localhost:3000/own'],
    [{}, 'http://localhost:3000/identify'],
  ])('%j', async (attributes: Record<string, string>, expected) => {
    document.head.textContent = ''
    addTag(attributes)
    const { identify } = await runScript()
    void identify({ email: 'a@example.org' })
    await relay.settle()
    expect(relay.posts.map(({ url }) => url)).toEqual([expected])
  })

  it('says storage, consent and debug', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    document.head.textContent = ''
    addTag({
      'data-endpoint': relay.endpoint,
      'data-storage': 'session',
      'data-consent': 'required',
      'data-debug': 'true',
    })
    const { consent, identify } = await runScript()
    void identify({ email: 'a@example.org' })
    await relay.settle()
    expect(relay.posts).toHaveLength(0)
    consent(true)
    expect(JSON.stringify({ ...sessionStorage })).toContain('a@example.org')
    await relay.settle()
    expect(relay.posts).toHaveLength(1)
    await relay.settle()
    expect(log).toHaveBeenCalled()
  })
})

describe('a script that does not come', () => {
  it('that fails settles what waits; late after all, it sends it once, under the same key', async () => {
    const tag = addTag({ src: '/usercom.js' })
    const early = await runStub()
    const result = early.identify({ email: 'a@example.org' })
    tag.dispatchEvent(new Event('error'))
    expect(await result).toEqual(unavailable)
    dispatchEvent(new Event('pagehide'))
    expect(beacons()).toEqual([{ url: relay.endpoint, body: { email: 'a@example.org' } }])
    await runScript()
    await relay.settle()
    expect(relay.posts.map(({ key }) => key)).toEqual([new URL(send.mock.calls[0]![0]).searchParams.get('i')])
    dispatchEvent(new Event('pagehide'))
    expect(send).toHaveBeenCalledTimes(1)
  })

  it('other errors settle nothing; 30 s do', async () => {
    const early = await runStub()
    const ended = vi.fn()
    void early.identify({ email: 'a@example.org' }).then(ended)
    dispatchEvent(new Event('error'))
    addTag({ src: '/other.js' }).dispatchEvent(new Event('error'))
    await vi.advanceTimersByTimeAsync(29_999)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(ended).toHaveBeenCalledWith(unavailable)
  })

  it.each([
    ['consent required by the tag', { 'data-consent': 'required' }, () => {}],
    ['consent required', {}, (early: Client) => early.init({ consent: 'required' })],
    ['consent refused', {}, (early: Client) => early.consent(false)],
    ['a beforeSend that cannot be asked', {}, (early: Client) => early.init({ beforeSend: () => null })],
    [
      'a browser that says no',
      {},
      (early: Client) => {
        Object.defineProperty(navigator, 'globalPrivacyControl', { value: true, configurable: true })
        early.init({ respectGpc: true })
      },
    ],
  ])('sends nothing with %s', async (_, attributes: Record<string, string>, set) => {
    document.head.textContent = ''
    addTag({ 'data-endpoint': relay.endpoint, ...attributes })
    const early = await runStub()
    void early.identify({ email: 'a@example.org' })
    set(early)
    dispatchEvent(new Event('pagehide'))
    expect(send).not.toHaveBeenCalled()
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: undefined, configurable: true })
  })

  it('sends with consent given, to where init says, all but what cannot be sent', async () => {
    const early = await runStub()
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    void early.identify({ email: 'a@example.org' }, { token: 'a.b.c' })
    void early.identify({ email: 'b@example.org' })
    early.init(null as never)
    void early.identify(cycle as never)
    early.init({ consent: 'required', endpoint: 'https://own.example.com/x' })
    early.consent(true)
    dispatchEvent(new Event('pagehide'))
    expect(beacons()).toEqual([{ url: 'https://own.example.com/x', body: { email: 'b@example.org' } }])
  })
})
