import type { Server as HttpServer } from 'node:http'
import { serve as listen } from 'srvx/node'
import type { ServerRequest } from 'srvx'
import { createRelay } from '../createRelay.js'
import type { Outbox } from '../outbox.js'
import { parseOptions } from '../parseOptions.js'
import type { RelayOptions } from '../relayOptions.js'
import { RelayOptionsError } from '../relayOptions.js'
import { toProblem } from '../toProblem.js'
import { createScriptFiles } from './createScriptFiles.js'
import { isOutboxName, openOutbox, outboxNames } from './openOutbox.js'
import { toClient } from './toNodeHandler.js'

export interface ServeOptions extends Omit<RelayOptions, 'outbox'> {
  /**
   * Where accepted people wait: `sqlite:<file>`, `memory:`, `none`, or an outbox that was opened. A restart of the same
   * server goes on with what waits in its file. @default 'none'
   */
  outbox?: Outbox | (string & {})
  /** @default '127.0.0.1' */
  host?: string
  /** 0: any that is free. @default 8787 */
  port?: number
  /** The path under which everything is, such as `/usercom/`. @default '/' */
  basePath?: string
}

export interface RelayServer {
  /** Where it listens, base path included, without a slash at its end: `http://127.0.0.1:8787`. */
  readonly url: string
  readonly port: number
  /** The outbox's engine, such as `sqlite (node:sqlite)`; `none` where User.com is called directly. */
  readonly outbox: string
  /** Stops accepting, ends what is under way within 10 seconds, then lets go. */
  close(): Promise<void>
}

const headersTimeoutMs = 10_000
/** Headers and body together: a connection that dribbles is gone soon after. */
const requestTimeoutMs = 15_000
/** Node looks for connections over these limits only this often. */
const timeoutCheckMs = 2_000
const maxHeaderBytes = 16 * 1024
const closeTimeoutMs = 10_000
const idleCheckMs = 50

const parseBasePath = (path: string): string | undefined => {
  const trimmed = path.replace(/^\/|\/$/g, '')
  return /^(?:[\w.~-]+(?:\/[\w.~-]+)*)?$/.test(trimmed) ? (trimmed ? `/${trimmed}/` : '/') : undefined
}

const parseServeOptions = (options: ServeOptions) => {
  const { host = '127.0.0.1', port = 8787, basePath = '/', outbox, ...others } = options
  const { problems } = parseOptions(others)
  if (typeof outbox === 'string' && outbox !== 'none' && !isOutboxName(outbox))
    problems.push({ option: 'outbox', message: `must be ${outboxNames} or none` })
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    problems.push({ option: 'port', message: 'must be a whole number from 0 to 65535' })
  const base = parseBasePath(basePath)
  if (base === undefined)
    problems.push({ option: 'basePath', message: 'must be a plain path, such as /usercom/' })
  return { host, port, base: base ?? '/', problems }
}

const openServedOutbox = async ({ outbox, upstreamPerSecond, maxOutbox }: ServeOptions) => {
  if (outbox === undefined || outbox === 'none') return undefined
  if (typeof outbox !== 'string') return outbox
  return openOutbox(outbox, {
    ...(upstreamPerSecond !== undefined && { upstreamPerSecond }),
    ...(maxOutbox !== undefined && { maxEntries: maxOutbox }),
  })
}

/** Ends the connections that wait for nothing, again and again until none is left; at last all of them. */
const closeServer = async (server: HttpServer) => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs)
  const late = setTimeout(() => server.closeAllConnections(), closeTimeoutMs)
  await closed
  clearInterval(idle)
  clearTimeout(late)
}

/**
 * The standalone server: `POST /identify`, `GET /usercom.js`, `GET /healthz`.
 * @throws RelayOptionsError with one line for each option that is wrong; what listening throws.
 */
export const serve = async (options: ServeOptions): Promise<RelayServer> => {
  const { host, port, base, problems } = parseServeOptions(options)
  if (problems.length) throw new RelayOptionsError(problems)
  const outbox = await openServedOutbox(options)
  const { outbox: _, ...others } = options
  const relay = createRelay({ ...others, ...(outbox && { outbox }) })
  const toScriptFile = createScriptFiles()
  let isClosing = false

  const respond = (request: ServerRequest): Response | Promise<Response> => {
    const { pathname } = new URL(request.url)
    const name = pathname.startsWith(base) ? pathname.slice(base.length) : undefined
    if (name === 'identify') return relay.fetch(request, toClient(request))
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (name === 'healthz')
        return Response.json(
          { status: isClosing ? 'closing' : 'ok' },
          { status: isClosing ? 503 : 200, headers: { 'cache-control': 'no-store' } },
        )
      const file = name === undefined ? undefined : toScriptFile(name, request)
      if (file) return file
    }
    return toProblem({ code: 'not_found' })
  }

  const server = listen({
    fetch: respond,
    error: () => toProblem({ code: 'failed' }),
    hostname: host,
    port,
    manual: true,
    silent: true,
    gracefulShutdown: false,
    node: {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: timeoutCheckMs,
      maxHeaderSize: maxHeaderBytes,
    },
  })
  try {
    await server.serve()
  } catch (error) {
    await relay.close()
    throw error
  }
  const http = server.node?.server as HttpServer
  const address = http.address()
  const boundPort = typeof address === 'object' && address ? address.port : port
  const shownHost = host.includes(':') ? `[${host}]` : host

  return {
    url: `http://${shownHost}:${boundPort}${base.replace(/\/$/, '')}`,
    port: boundPort,
    outbox: outbox?.engine ?? 'none',
    close: async () => {
      isClosing = true
      await Promise.all([closeServer(http), relay.close()])
    },
  }
}
