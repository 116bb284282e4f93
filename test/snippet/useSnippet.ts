import { afterEach, beforeEach, vi } from 'vitest'
import { createClient } from '../../src/createClient'
import type { Client, Options } from '../../src/types'

export type Post = { url: string; key: string; body: unknown; init: RequestInit; at: number }
/** What the relay answers: a status, a whole answer, or `silence` (nothing answers). */
export type Reply = number | Response | 'silence' | 'hang'

let number = 0

/** A relay that records what is sent to it, in place of the browser's network, and a clock that stands still. */
export function useSnippet() {
  const posts: Post[] = []
  const clients: Client[] = []
  const relay = {
    posts,
    endpoint: '',
    reply: (_post: Post): Reply | Promise<Reply> => 202,
    emails: () => posts.map(({ body }) => (body as { email: string }).email),
    /** A client with an endpoint of its own, so that clients of earlier tests have nothing to do with it. */
    client: (options: Options = {}): Client => {
      const client = createClient({ endpoint: relay.endpoint, ...options })
      clients.push(client)
      return client
    },
    /** Runs what is due by now, and what comes of it. */
    settle: () => vi.advanceTimersByTimeAsync(0),
    /** Without those of jsdom, whose storage events are due at once. */
    countTimers: async () => {
      await vi.advanceTimersByTimeAsync(1)
      return vi.getTimerCount()
    },
    hide: (state: DocumentVisibilityState = 'hidden') => {
      vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
      document.dispatchEvent(new Event('visibilitychange'))
    },
    /** What was made so far does no more by itself: the next client is that of the next page. */
    killPage: () => void vi.clearAllTimers(),
    stored: () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  }

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_800_000_000_000 })
    vi.spyOn(Math, 'random').mockReturnValue(0.999)
    // Its own timer is the browser's, and would be counted among ours here.
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => new AbortController().signal)
    localStorage.clear()
    sessionStorage.clear()
    posts.length = 0
    relay.endpoint = `https://relay.example.com/${++number}/identify`
    relay.reply = () => 202
    vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
      const url = new URL(address)
      const post = {
        url: url.origin + url.pathname,
        key: url.searchParams.get('i')!,
        body: JSON.parse(init.body as string) as unknown,
        init,
        at: Date.now(),
      }
      posts.push(post)
      const reply = await relay.reply(post)
      if (reply === 'hang')
        return new Promise((_, reject) =>
          init.signal?.addEventListener('abort', () => reject(new Error('limit'))),
        )
      if (reply === 'silence') throw new TypeError('Failed to fetch')
      return typeof reply === 'number' ? new Response(null, { status: reply }) : reply
    })
  })

  afterEach(() => {
    // They listen for as long as the page lives: what they still hold is of no later test.
    clients.splice(0).forEach((client) => client.consent(false))
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  return relay
}
