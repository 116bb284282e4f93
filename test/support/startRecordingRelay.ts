import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buildFolder } from './build'

/** One request as it came in, preflights too. */
export interface Recorded {
  method: string
  path: string
  /** The idempotency key. */
  i: string
  headers: Record<string, string | string[] | undefined>
  body: string
  /** Unix milliseconds, when its last byte was there. */
  at: number
}

export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string
}

/** `hang`: never answers; `reset`: cuts the connection. */
export type Reply = Answer | 'hang' | 'reset'

export interface RecordingRelay {
  /** Without a slash at its end. */
  origin: string
  /** All that was posted to it, in the order of arrival. */
  posts: Recorded[]
  /** Every other request. */
  others: Recorded[]
  /** What the next posts are answered; a function is asked for each. @default 202 */
  reply(reply: Reply | ((post: Recorded, n: number) => Reply | Promise<Reply>)): void
  /** How the script is answered: at once, after `gate` resolves, or with 404. */
  serveScript(gate: Promise<unknown> | 'missing' | undefined): void
  /** Resolves when so many posts came. */
  waitForPosts(count: number): Promise<Recorded[]>
  /** Really stops listening and cuts every connection; `start` listens on the same port again. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** A relay that accepts and records: what tests look at is what came over the wire. */
export async function startRecordingRelay({ host = '127.0.0.1' } = {}): Promise<RecordingRelay> {
  const posts: Recorded[] = []
  const others: Recorded[] = []
  const waiting = new Set<() => void>()
  let toReply: (post: Recorded, n: number) => Reply | Promise<Reply> = () => ({ status: 202 })
  let script: Promise<unknown> | 'missing' | undefined
  let server: Server
  let port = 0

  const answer = (
    response: ServerResponse,
    origin: string | undefined,
    { status, headers, body }: Answer,
  ) => {
    response.writeHead(status, {
      ...(origin && {
        'access-control-allow-origin': origin,
        'access-control-allow-headers': 'content-type, authorization',
        'access-control-expose-headers': 'retry-after',
      }),
      ...headers,
    })
    response.end(body)
  }

  const listen = async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('error', () => response.destroy())
      request.on('end', async () => {
        const url = new URL(request.url ?? '/', 'http://relay')
        const recorded: Recorded = {
          method: request.method ?? '',
          path: url.pathname,
          i: url.searchParams.get('i') ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
          at: Date.now(),
        }
        const { origin } = request.headers
        if (recorded.method === 'POST') {
          posts.push(recorded)
          for (const look of waiting) look()
          const reply = await toReply(recorded, posts.length)
          if (reply === 'reset') request.socket.destroy()
          else if (reply !== 'hang') answer(response, origin, reply)
          return
        }
        others.push(recorded)
        if (recorded.method === 'OPTIONS') return answer(response, origin, { status: 204 })
        if (url.pathname !== '/usercom.js' || script === 'missing')
          return answer(response, origin, { status: 404 })
        await script
        const headers = { 'content-type': 'text/javascript', 'cache-control': 'no-store' }
        answer(response, origin, {
          status: 200,
          headers,
          body: readFileSync(buildFolder() + 'usercom.umd.js', 'utf8'),
        })
      })
    }).listen(port, host)
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  await listen()

  return {
    origin: `http://${host}:${port}`,
    posts,
    others,
    reply(reply) {
      toReply = typeof reply === 'function' ? reply : () => reply
    },
    serveScript(gate) {
      script = gate
    },
    waitForPosts: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (posts.length < count) return
          waiting.delete(look)
          resolve(posts.slice(0, count))
        }
        waiting.add(look)
        look()
      }),
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
    start: listen,
  }
}
