import { serve } from 'srvx'
import { createThrottle } from './createThrottle'
import { createUsers, type User, type Users } from './createUsers'
import { parseUser, type Values } from './parseUser'
import { toUsersPage } from './toUsersPage'

export interface StandInOptions {
  /** The 64-character key that is taken; any well-formed one where it is not given. */
  apiKey?: string
  /** Requests that are let in within any second. @default 10 */
  requestsPerSecond?: number
  /** How long an answer takes, in milliseconds. @default 0 */
  latencyMs?: number
  /** @default 0: any free port */
  port?: number
}

/** One request as it was seen, and what was answered; `0` where nothing was. */
export interface SeenRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: string
  at: number
  status: number
}

export interface Connection {
  /** Ends it at once, by a TCP reset. */
  reset(): void
}

/**
 * Answers instead of the stand-in; `undefined` lets it answer as documented. Its answers do not count against the limit.
 * `behaviours` has the common ones.
 */
export type Behaviour = (
  request: SeenRequest,
  connection: Connection,
) => Response | Promise<Response | undefined> | undefined

export interface StandIn {
  /** What the relay takes as `apiUrl`. */
  url: string
  /** The page that lists the users. */
  pageUrl: string
  users: User[]
  requests: SeenRequest[]
  /** Takes over the answers until it is called with nothing. */
  behave(behaviour?: Behaviour): void
  close(): Promise<void>
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })
const detail = (status: number, text: string) => json(status, { detail: text })

/**
 * Plays User.com's REST API (version 2): documented answers, field errors and the sliding limit of requests a second.
 * Users are kept in memory. Where the documentation is silent, the line that decides says so.
 */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const users = createUsers(() => new Date())
  const requests: SeenRequest[] = []
  const letIn = createThrottle(options.requestsPerSecond ?? 10, Date.now)
  const answer = createApi(users, options.apiKey, letIn)
  let behaviour: Behaviour | undefined

  const server = serve({
    port: options.port ?? 0,
    hostname: '127.0.0.1',
    silent: true,
    gracefulShutdown: false,
    async fetch(request) {
      const url = new URL(request.url)
      if (url.pathname === '/') return html(toUsersPage(users.all))
      if (!url.pathname.startsWith('/api/public/') && url.pathname !== '/_users.json')
        return detail(404, 'Not found.')
      if (url.pathname === '/_users.json') return json(200, users.all)
      const seen: SeenRequest = {
        method: request.method,
        path: url.pathname.replace(/^\/api\/public/, '') + url.search,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
        at: Date.now(),
        status: 0,
      }
      requests.push(seen)
      if (options.latencyMs) await new Promise((resolve) => setTimeout(resolve, options.latencyMs))
      const connection = { reset: () => void request.runtime?.node?.req.socket.resetAndDestroy() }
      const response = (await behaviour?.(seen, connection)) ?? answer(seen)
      seen.status = response.status
      return response
    },
  })
  await server.ready()
  const origin = server.url!.replace(/\/$/, '')
  return {
    url: `${origin}/api/public/`,
    pageUrl: `${origin}/`,
    users: users.all,
    requests,
    behave(next) {
      behaviour = next
    },
    close: () => server.close(true),
  }
}

const html = (page: string) =>
  new Response(page, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; img-src data:`,
    },
  })

function createApi(
  users: Users,
  apiKey: string | undefined,
  letIn: () => boolean,
): (request: SeenRequest) => Response {
  const isKey = (header = '') =>
    apiKey === undefined ? /^Token [A-Za-z0-9]{64}$/.test(header) : header === `Token ${apiKey}`

  const write = (request: SeenRequest, act: (values: Values) => Response) => {
    let body: unknown
    try {
      body = JSON.parse(request.body)
    } catch {
      return detail(400, 'JSON parse error')
    }
    const { values, errors } = parseUser(body)
    return Object.keys(errors).length ? json(400, errors) : act(values)
  }

  return (request) => {
    if (!isKey(request.headers.authorization)) return detail(401, 'Invalid token.')
    // Undocumented: what another version would answer. It is refused, so that a forgotten header shows.
    if (!/version=2/.test(request.headers.accept ?? ''))
      return detail(406, 'Could not satisfy the request Accept header.')
    // Undocumented: whether refused requests count. As in Django REST Framework, the key is looked at first.
    if (!letIn())
      return json(
        429,
        { detail: 'Request was throttled. Expected available in 1 second.' },
        { 'retry-after': '1' },
      )
    const { pathname, searchParams } = new URL(request.path, 'http://stand-in')
    const route = `${request.method} ${pathname}`

    if (route === 'POST /users/') return write(request, (values) => json(201, users.create(values)))
    if (route === 'POST /users/update_or_create/')
      return write(request, (values) => {
        if (typeof values.custom_id !== 'string') return json(400, { custom_id: ['This field is required.'] })
        const known = users.byCustomId(values.custom_id)
        const user = known ? users.update(known, values) : users.create(values)
        return json(known ? 200 : 201, { created: !known, id: user.id })
      })
    if (route === 'GET /users/search/') {
      const found = users.byEmail(searchParams.get('email') ?? '')
      if (searchParams.get('many') === 'true') return json(200, found)
      // Undocumented: none found. Of several, the oldest is answered.
      return found[0] ? json(200, found[0]) : detail(404, 'Not found.')
    }
    const [, id] = /^PUT \/users\/(\d+)\/$/.exec(route) ?? []
    const [, customId] = /^PUT \/users-by-id\/([^/]+)\/$/.exec(route) ?? []
    const user = id ? users.byId(id) : customId ? users.byCustomId(decodeURIComponent(customId)) : undefined
    if (user) return write(request, (values) => json(200, users.update(user, values)))
    // Undocumented: a path without its last slash. It is not found, so that a forgotten slash shows.
    return detail(404, 'Not found.')
  }
}
