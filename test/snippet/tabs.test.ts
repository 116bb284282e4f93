import { describe, expect, it, vi } from 'vitest'
import { useSnippet } from './useSnippet'

const relay = useSnippet()
const accepted = { ok: true, status: 'accepted' }

/** Web Locks as far as they are asked for: one name, held until its callback's promise settles. */
function stubLocks() {
  const state = { isHeld: false, held: 0 }
  const request = async (_: string, __: unknown, run: (lock: unknown) => unknown) => {
    await Promise.resolve()
    if (state.isHeld) return run(null)
    state.isHeld = true
    state.held++
    try {
      return await run({})
    } finally {
      state.isHeld = false
    }
  }
  Object.defineProperty(navigator, 'locks', { value: { request: vi.fn(request) }, configurable: true })
  return state
}
const noLocks = () => Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })

describe('the turn', () => {
  it('is one tab’s at a time, and is given back when nothing waits', async () => {
    const locks = stubLocks()
    let answer = (_: number) => {}
    relay.reply = () => new Promise((resolve) => (answer = resolve))
    const [one, other] = [relay.client(), relay.client()]
    const results = [one.identify({ email: 'a@example.org' }), other.identify({ email: 'b@example.org' })]
    await relay.settle()
    expect(relay.posts).toHaveLength(1)
    expect(locks.isHeld).toBe(true)
    answer(202)
    await relay.settle()
    answer(202)
    await vi.advanceTimersByTimeAsync(1000)
    // The second client hears in no other way that its call arrived: storage events are for other tabs.
    answer(202)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await results[0]).toEqual(accepted)
    expect(new Set(relay.posts.map(({ key }) => key)).size).toBe(2)
    expect(locks.isHeld).toBe(false)
    noLocks()
  })

  it('is given back while the relay wants to be left alone, and when the page is hidden', async () => {
    const locks = stubLocks()
    relay.reply = () => new Response('', { status: 503, headers: { 'Retry-After': '60' } })
    const client = relay.client()
    void client.identify({ email: 'a@example.org' })
    await relay.settle()
    expect(locks).toEqual({ isHeld: false, held: 1 })
    relay.reply = () => 'hang'
    await vi.advanceTimersByTimeAsync(60_000)
    expect(locks).toEqual({ isHeld: true, held: 2 })
    relay.hide()
    await relay.settle()
    expect(locks.isHeld).toBe(false)
    noLocks()
  })

  it('goes to another tab when the one that has it is closed', async () => {
    const locks = stubLocks()
    locks.isHeld = true
    const result = relay.client().identify({ email: 'a@example.org' })
    await vi.advanceTimersByTimeAsync(5000)
    expect(relay.posts).toHaveLength(0)
    locks.isHeld = false
    await vi.advanceTimersByTimeAsync(1000)
    expect(await result).toEqual(accepted)
    noLocks()
  })

  it('is everyone’s where locks are refused', async () => {
    Object.defineProperty(navigator, 'locks', {
      value: { request: () => Promise.reject(new DOMException('no', 'SecurityError')) },
      configurable: true,
    })
    const result = relay.client().identify({ email: 'a@example.org' })
    await relay.settle()
    expect(await result).toEqual(accepted)
    noLocks()
  })
})

describe('a call that another tab delivered', () => {
  const waitingCall = async () => {
    relay.reply = () => new Response('', { status: 503, headers: { 'Retry-After': '60' } })
    const onResult = vi.fn()
    const result = relay.client({ onResult }).identify({ email: 'a@example.org' })
    await relay.settle()
    const key = Object.keys(localStorage).find((key) => key.endsWith(relay.posts[0]!.key))!
    const tell = (newValue: string | null) =>
      dispatchEvent(Object.assign(new Event('storage'), { key, newValue }) as unknown as Event)
    return { key, tell, result, onResult }
  }

  it('ends here as it ended there, and is not sent again', async () => {
    const { key, tell, result, onResult } = await waitingCall()
    const answer = {
      ok: false,
      reason: 'rejected',
      issues: [{ field: 'email', code: 'email', message: 'no' }],
    }
    localStorage.removeItem(key)
    tell(JSON.stringify(answer))
    tell(null)
    expect(await result).toEqual(answer)
    expect(onResult).toHaveBeenCalledWith(answer, { email: 'a@example.org' })
    await vi.advanceTimersByTimeAsync(120_000)
    expect(relay.posts).toHaveLength(1)
  })

  it('goes on waiting when another tab was told later, or anything else is written', async () => {
    const { key, tell, result } = await waitingCall()
    const ended = vi.fn()
    void result.then(ended)
    tell(localStorage.getItem(key))
    tell('{')
    for (const other of ['other', null])
      dispatchEvent(
        Object.assign(new Event('storage'), { key: other, newValue: '{"ok":true}' }) as unknown as Event,
      )
    await relay.settle()
    expect(ended).not.toHaveBeenCalled()
  })

  it('and that is gone without a word is asked for again, with the same key', async () => {
    const { key, tell, result } = await waitingCall()
    localStorage.removeItem(key)
    tell(null)
    relay.reply = () => 202
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await result).toEqual(accepted)
    expect(relay.posts[1]!.key).toBe(relay.posts[0]!.key)
  })

  it('leaves its result to be heard, and nothing behind', async () => {
    const written: [string, string][] = []
    relay.client()
    const set = Storage.prototype.setItem
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(function (this: Storage, key, value) {
      written.push([key, value])
      set.call(this, key, value)
    })
    void relay.client().identify({ email: 'a@example.org' })
    await relay.settle()
    expect(relay.stored()).not.toContain('a@example.org')
    expect(Object.keys(localStorage).filter((key) => key.endsWith(relay.posts[0]!.key))).toEqual([])
  })
})
