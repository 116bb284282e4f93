import type { Server, ServerOptions } from 'node:http'

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

export interface OpenConnectionLimits {
  /** Beyond it a new connection is closed at once: each one costs a file descriptor and some memory. @default 10_000 */
  maxConnections?: number
  /** Headers after these are not looked at. A page's request has some twenty. @default 100 */
  maxHeaders?: number
  /** Nothing was read or written on a connection for so long: no answer takes more than ten seconds. @default 30_000 */
  silenceTimeoutMs?: number
}

export const limitConnections = (
  server: Server,
  { maxConnections = 10_000, maxHeaders = 100, silenceTimeoutMs = 30_000 }: OpenConnectionLimits = {},
): void => {
  server.maxConnections = maxConnections
  server.maxHeadersCount = maxHeaders
  server.setTimeout(silenceTimeoutMs)
}
