import { onTestFinished } from 'vitest'
import type { RelayEvent } from '../../src/report.js'
import type { ServeOptions } from '../../src/node/index.js'
import { serve } from '../../src/node/index.js'
import type { UpstreamAnswer, UpstreamCall } from './startUpstream.js'
import { secretUser, startUpstream } from './startUpstream.js'

export const apiKey = 'Zk'.repeat(32)
export const page = 'https://www.example.com'

export interface Answered {
  status: number
  headers: Headers
  text: string
}

interface Post {
  query?: string
  headers?: Record<string, string | undefined>
  body?: BodyInit
  method?: string
}

/** A relay on a socket with a User.com behind it, both gone when the test ends. Everything the relay says is kept. */
export const startRelay = async (
  options: Partial<ServeOptions> = {},
  answer?: (call: UpstreamCall) => UpstreamAnswer,
) => {
  const upstream = await startUpstream(answer)
  const events: RelayEvent[] = []
  const said: string[] = []
  const relay = await serve({
    subdomain: 'acme',
    apiKey,
    apiUrl: upstream.url,
    allowedOrigins: [page],
    port: 0,
    report: (event) => {
      events.push(event)
      said.push(JSON.stringify(event))
    },
    ...options,
  })
  onTestFinished(async () => {
    await relay.close()
    await upstream.close()
  })

  const request = async (path: string, init: RequestInit = {}): Promise<Answered> => {
    const response = await fetch(`${relay.url}${path}`, { redirect: 'manual', ...init })
    const text = await response.text()
    said.push(JSON.stringify([response.status, [...response.headers], text]))
    return { status: response.status, headers: response.headers, text }
  }
  /** As a page of another origin sends it; a header that is `undefined` is left away. */
  const post = (attributes: unknown, { query = '', headers = {}, body, method = 'POST' }: Post = {}) =>
    request(`/identify${query}`, {
      method,
      headers: Object.entries({
        origin: page,
        'content-type': 'text/plain;charset=UTF-8',
        ...headers,
      }).filter((header): header is [string, string] => header[1] !== undefined),
      body: body ?? JSON.stringify(attributes),
    })

  return { relay, upstream, events, said, request, post }
}

/** Everything that must never be said, wherever. */
export const unsaid = [apiKey, ...Object.values(secretUser).map(String)]

export const parseIssues = ({ text }: Answered): [string, string][] =>
  (JSON.parse(text) as { issues: { field: string; code: string }[] }).issues.map(({ field, code }) => [
    field,
    code,
  ])
