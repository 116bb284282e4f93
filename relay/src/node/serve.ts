import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { FastResponse, serve as listen } from 'srvx/node'
import type { ServerRequest } from 'srvx'
import { createRelay } from '../createRelay.js'
import type { Outbox } from '../outbox.js'
import { parseOptions } from '../parseOptions.js'
import type { RelayOptions } from '../relayOptions.js'
import { RelayOptionsError } from '../relayOptions.js'
import type { Report } from '../report.js'
import { toProblem } from '../toProblem.js'
import { connectionLimits, limitConnections } from './connectionLimits.js'
import { createMetrics } from './createMetrics.js'
import { createReadiness } from './createReadiness.js'
import { createScriptFiles } from './createScriptFiles.js'
import { isLocalCaller } from './isLocalCaller.js'
import { isOutboxName, openOutbox, outboxNames } from './openOutbox.js'
import { serveMetrics } from './serveMetrics.js'
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
  /**
   * A port, on the same host, for `/metrics` alone, open to all who can reach it; 0: any that is free. Without one
   * `/metrics` is beside the rest and answers callers on this machine only.
   */
  metricsPort?: number
}

export interface RelayServer {
  /** Where it listens, base path included, without a slash at its end: `http://127.0.0.1:8787`. */
  readonly url: string
  readonly port: number
  /** Where `/metrics` is, where it has a port of its own. */
  readonly metricsPort: number | undefined
  /** The outbox's engine, such as `sqlite (node:sqlite)`; `none` where User.com is called directly. */
  readonly outbox: string
  /** Stops accepting, ends what is under way within 10 seconds, then lets go. */
  close(): Promise<void>
}

const closeTimeoutMs = 10_000
const idleCheckMs = 50

const parseBasePath = (path: string): string | undefined => {
  const trimmed = path.replace(/^\/|\/$/g, '')
  return /^(?:[\w.~-]+(?:\/[\w.~-]+)*)?$/.test(trimmed) ? (trimmed ? `/${trimmed}/` : '/') : undefined
}

const parseServeOptions = (options: ServeOptions) => {
  const { host = '127.0.0.1', port = 8787, basePath = '/', metricsPort, outbox, ...others } = options
  const { problems } = parseOptions(others)
  if (typeof outbox === 'string' && outbox !== 'none' && !isOutboxName(outbox))
    problems.push({ option: 'outbox', message: `must be ${outboxNames} or none` })
  for (const [option, number] of Object.entries({ port, metricsPort: metricsPort ?? 0 }))
    if (!Number.isInteger(number) || number < 0 || number > 65_535)
      problems.push({ option, message: 'must be a whole number from 0 to 65535' })
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

/** Instances that share a Redis share what a client may do, too. */
const openServedAllowances = async ({ outbox }: ServeOptions) => {
  if (typeof outbox !== 'string' || !/^rediss?:/.test(outbox)) return undefined
  const { openRedisAllowances } = await import('./redisAllowance.js')
  return openRedisAllowances(outbox)
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

/** An answer of the moment, for machines. */
const toStatus = (status: number, body: object) =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store' } })

/**
 * The standalone server: `POST /identify`, `GET /usercom.js`, `GET /healthz`, `GET /readyz`, `GET /metrics`.
 * @throws RelayOptionsError with one line for each option that is wrong; what listening throws.
 */
export const serve = async (options: ServeOptions): Promise<RelayServer> => {
  const { host, port, base, problems } = parseServeOptions(options)
  if (problems.length) throw new RelayOptionsError(problems)
  const outbox = await openServedOutbox(options)
  const allowances = await openServedAllowances(options).catch(async (error: unknown) => {
    await outbox?.close()
    throw error
  })
  const { outbox: _, ...others } = options
  const metrics = createMetrics(outbox)
  const readiness = createReadiness(outbox)
  const report: Report = (event) => {
    metrics.report(event)
    readiness.report(event)
    options.report?.(event)
  }
  const relay = createRelay({
    ...(allowances && { createAllowance: allowances.create }),
    // Without a Web stream and a `Headers` behind each answer.
    Response: FastResponse,
    ...others,
    report,
    ...(outbox && { outbox }),
  })
  const toScriptFile = createScriptFiles()
  let isClosing = false

  const answerReady = async () => {
    const notReady = isClosing ? { reason: 'closing' } : await readiness.check()
    return notReady ? toStatus(503, { status: 'not ready', ...notReady }) : toStatus(200, { status: 'ready' })
  }
  const answerMetrics = async () => {
    const { text, contentType } = await metrics.render()
    return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } })
  }

  const respond = (request: ServerRequest): Response | Promise<Response> => {
    const { pathname } = request._url ?? new URL(request.url)
    const name = pathname.startsWith(base) ? pathname.slice(base.length) : undefined
    if (name === 'identify') return relay.fetch(request, toClient(request))
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (name === 'healthz') return toStatus(isClosing ? 503 : 200, { status: isClosing ? 'closing' : 'ok' })
      if (name === 'readyz') return answerReady()
      const node = request.runtime?.node?.req
      if (
        name === 'metrics' &&
        options.metricsPort === undefined &&
        node &&
        isLocalCaller(node as IncomingMessage)
      )
        return answerMetrics()
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
    node: connectionLimits,
  })
  const http = server.node?.server as HttpServer
  limitConnections(http)
  let metricsServer: Awaited<ReturnType<typeof serveMetrics>> | undefined
  try {
    if (options.metricsPort !== undefined)
      metricsServer = await serveMetrics(metrics, host, options.metricsPort)
    await server.serve()
  } catch (error) {
    await Promise.all([metricsServer?.close(), relay.close()])
    allowances?.close()
    throw error
  }
  const address = http.address()
  const boundPort = typeof address === 'object' && address ? address.port : port
  const shownHost = host.includes(':') ? `[${host}]` : host

  return {
    url: `http://${shownHost}:${boundPort}${base.replace(/\/$/, '')}`,
    port: boundPort,
    metricsPort: metricsServer?.port,
    outbox: outbox?.engine ?? 'none',
    close: async () => {
      isClosing = true
      await Promise.all([closeServer(http), relay.close()])
      await metricsServer?.close()
      allowances?.close()
    },
  }
}
