import { checkOrigin } from './checkOrigin.js'
import { createDirectAccept } from './createDirectAccept.js'
import { createGate } from './createGate.js'
import { createOutboxAccept } from './createOutboxAccept.js'
import type { Accept, Acceptance } from './job.js'
import { memoryOutbox } from './memoryOutbox.js'
import { parseOptions } from './parseOptions.js'
import type { RelayOptions, RelaySettings } from './relayOptions.js'
import { RelayOptionsError } from './relayOptions.js'
import type { RelayEvent, Report } from './report.js'
import type { Refusal } from './toProblem.js'
import { toProblem } from './toProblem.js'
import { createUsercomClient } from './usercomClient.js'

/** A relay as a Web-standard handler: mount it wherever there is a `Request`. */
export interface Relay {
  /** Answers any request as the endpoint itself, whatever its path. Never rejects. */
  fetch(request: Request, client?: Client): Promise<Response>
  /** Takes nothing more and ends what is under way, within 10 seconds. */
  close(): Promise<void>
}

/** What only the adapter knows of who calls. */
export interface Client {
  /** The peer's address. Without one there is no allowance for each client, only those for all together. */
  address?: string | undefined
  /** Keeps the work going when the visitor has left: `waitUntil` of an edge runtime. */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined
  /** A faster way to the body than `request.body`: at most `maxBytes`, `undefined` where there is more. */
  readBody?: ((maxBytes: number) => Promise<Uint8Array | undefined>) | undefined
}

const closeTimeoutMs = 10_000
const closedRetrySeconds = 5
const failedRetrySeconds = 10

const corsHeaders = (origin: string | null): Record<string, string> =>
  origin === null
    ? { vary: 'Origin' }
    : {
        vary: 'Origin',
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'Retry-After',
      }

const preflightHeaders = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'Authorization, Content-Type',
  // Two hours, the most that Chromium keeps.
  'access-control-max-age': '7200',
}

const toRefusal = (acceptance: Exclude<Acceptance, { status: 'accepted' }>): Refusal =>
  acceptance.status === 'later'
    ? { code: 'unavailable', retryAfterSeconds: acceptance.retryAfterSeconds }
    : {
        code: 'refused',
        issues: acceptance.issues.map((issue) => ({
          ...issue,
          message: 'must be something that User.com takes',
        })),
      }

/** How jobs get to User.com: by way of an outbox, where there is one. */
const createDelivering = (
  settings: RelaySettings,
  report: Report,
): { accept: Accept; close(): Promise<void> } => {
  const client = createUsercomClient({ ...settings, report })
  const { outbox: given, maxOutbox: maxEntries, upstreamPerSecond } = settings
  const outbox = given === 'memory:' ? memoryOutbox({ maxEntries, upstreamPerSecond }) : given
  return outbox
    ? createOutboxAccept({ outbox, settings, client, report })
    : { accept: createDirectAccept({ settings, client }), close: async () => {} }
}

/**
 * @throws RelayOptionsError with one line for each option that is wrong.
 */
export const createRelay = (options: RelayOptions): Relay => {
  const { settings, problems } = parseOptions(options)
  if (!settings) throw new RelayOptionsError(problems)
  const gate = createGate(settings)
  const underWay = new Set<Promise<unknown>>()
  let isClosed = false

  const report = (event: RelayEvent) => {
    try {
      settings.report(event)
    } catch {
      // A listener's fault is not the visitor's.
    }
  }

  const { accept, close: closeDelivery } = createDelivering(settings, report)

  const identify = async (
    request: Request,
    client: Client,
  ): Promise<{ refusal?: Refusal; verified: boolean }> => {
    if (isClosed)
      return { refusal: { code: 'unavailable', retryAfterSeconds: closedRetrySeconds }, verified: false }
    try {
      const passed = await gate(request, client)
      if ('refusal' in passed) return { ...passed, verified: false }
      const { verified } = passed.job
      const acceptance = await accept(passed.job)
      return acceptance.status === 'accepted' ? { verified } : { refusal: toRefusal(acceptance), verified }
    } catch (error) {
      report({ event: 'failed', where: 'identify', error: error instanceof Error ? error.name : 'unknown' })
      return { refusal: { code: 'unavailable', retryAfterSeconds: failedRetrySeconds }, verified: false }
    }
  }

  const answer = async (request: Request, client: Client): Promise<Response> => {
    const { method, headers } = request
    const isAllowed = checkOrigin(request, settings) !== undefined
    const cors = corsHeaders(isAllowed ? headers.get('origin') : null)
    const refuse = (refusal: Refusal, extraHeaders = {}, verified = false) => {
      const problem = toProblem(refusal, { ...cors, ...extraHeaders })
      report({ event: 'answered', status: problem.status, reason: refusal.code, verified })
      return problem
    }
    if (method !== 'POST' && method !== 'OPTIONS')
      return refuse({ code: 'method' }, { allow: 'POST, OPTIONS' })
    if (!isAllowed) return refuse({ code: 'origin' })
    if (method === 'OPTIONS')
      return new Response(null, { status: 204, headers: { ...cors, ...preflightHeaders } })
    const { refusal, verified } = await identify(request, client)
    if (refusal)
      return refuse(refusal, refusal.code === 'token' ? { 'www-authenticate': 'Bearer' } : {}, verified)
    report({ event: 'answered', status: 202, reason: 'accepted', verified })
    cors['content-length'] = '0'
    return new settings.Response(null, { status: 202, headers: cors })
  }

  return {
    fetch: (request, client = {}) => {
      const answered = answer(request, client).finally(() => underWay.delete(answered))
      underWay.add(answered)
      client.waitUntil?.(answered)
      return answered
    },
    close: async () => {
      isClosed = true
      let timer: ReturnType<typeof setTimeout> | undefined
      const outOfTime = new Promise((resolve) => (timer = setTimeout(resolve, closeTimeoutMs)))
      // What a page is answered has to be stored first; then the outbox may close.
      const ended = Promise.allSettled(underWay).then(closeDelivery)
      await Promise.race([ended, outOfTime])
      clearTimeout(timer)
    },
  }
}
