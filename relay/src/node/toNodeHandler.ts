import type { IncomingMessage, ServerResponse } from 'node:http'
import { toNodeHandler as toWebHandler } from 'srvx/node'
import type { NodeHttp1Handler, ServerRequest } from 'srvx'
import type { Client, Relay } from '../createRelay.js'
import type { NodeRequest } from './readNodeBody.js'
import { readNodeBody } from './readNodeBody.js'

/** What Node knows of who calls. */
export const toClient = (webRequest: Request): Client => {
  const request = (webRequest as ServerRequest).runtime?.node?.req as NodeRequest | undefined
  return request
    ? {
        address: request.socket.remoteAddress,
        readBody: (maxBytes) => readNodeBody(request, maxBytes),
      }
    : {}
}

/** A handler of `node:http`, also for Express (`app.post('/identify', handler)`) and Fastify. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * Mounts a relay in a Node server. Works before and behind body parsers: what one of them has read is taken from
 * `request.body`.
 */
export const toNodeHandler = (relay: Relay): NodeHandler => {
  const handler = toWebHandler((request) => relay.fetch(request, toClient(request))) as NodeHttp1Handler
  return async (request, response) => void (await handler(request, response))
}
