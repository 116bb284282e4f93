import type { Server, ServerOptions } from 'node:http'

/** Beyond it a new connection is closed at once: each one costs a file descriptor and some memory. */
const maxConnections = 10_000
/** A page's request has some twenty. */
const maxHeaders = 100
/** Nothing was read or written on a connection for so long: no answer of the relay's takes more than ten seconds. */
const silenceTimeoutMs = 30_000

/** How long and how large a request may be, before anything of it is looked at. Node's own limits are 60 and 300 s. */
export const connectionLimits: ServerOptions = {
  headersTimeout: 10_000,
  // Headers and body together: a connection that dribbles is gone soon after.
  requestTimeout: 15_000,
  // Node looks for connections over these limits only this often.
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16 * 1_024,
}

export const limitConnections = (server: Server): void => {
  server.maxConnections = maxConnections
  server.maxHeadersCount = maxHeaders
  server.setTimeout(silenceTimeoutMs)
}
