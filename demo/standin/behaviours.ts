import type { Behaviour } from './startStandIn'

const page = '<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>'
const never = new Promise<undefined>(() => {})

/** Ways of being broken, for `behave`. What is not named here is a function of the caller's own. */
export const behaviours = {
  /** Nothing but a status: 500, 503, 401, 403. */
  answers:
    (status: number, headers: Record<string, string> = {}): Behaviour =>
    () =>
      new Response(null, { status, headers }),
  /** A page where JSON was due, as a proxy in between would show it. */
  rubbish:
    (status = 200): Behaviour =>
    () =>
      new Response(page, { status, headers: { 'content-type': 'text/html; charset=utf-8' } }),
  redirects:
    (location: string, status = 307): Behaviour =>
    () =>
      new Response(null, { status, headers: { location } }),
  /** A body of so many bytes, sent as fast as it is read. */
  huge:
    (bytes: number, status = 201): Behaviour =>
    () => {
      const chunk = new Uint8Array(65_536).fill(0x20)
      let left = bytes
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.enqueue(chunk.subarray(0, Math.min(left, chunk.length)))
          left -= chunk.length
          if (left <= 0) controller.close()
        },
      })
      return new Response(body, { status, headers: { 'content-type': 'application/json' } })
    },
  /** Takes the request and says nothing, until the stand-in is closed. */
  hangs: (): Behaviour => () => never,
  /** Takes the request and resets the connection. */
  resets: (): Behaviour => (_request, connection) => {
    connection.reset()
    return never
  },
} satisfies Record<string, (...options: never[]) => Behaviour>
