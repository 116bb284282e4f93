import type { IncomingMessage } from 'node:http'

/** A request that a framework may have read before, leaving what it made of the body in `body`. */
export type NodeRequest = IncomingMessage & { body?: unknown }

/** What a body parser made of the body, as bytes again. */
const toBytes = (body: unknown): Uint8Array => {
  if (body instanceof Uint8Array) return body
  return Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''))
}

/**
 * Reads a body straight from the socket's stream: through a web stream it takes several times as long. Counts as it
 * goes; `undefined` once it is longer than `maxBytes`.
 */
export const readNodeBody = async (
  request: NodeRequest,
  maxBytes: number,
): Promise<Uint8Array | undefined> => {
  if (request.readableDidRead) {
    const bytes = toBytes(request.body)
    return bytes.byteLength > maxBytes ? undefined : bytes
  }
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let length = 0
    const leave = () =>
      request.off('data', onData).off('end', onEnd).off('error', onFailure).off('close', onFailure)
    const onData = (chunk: Uint8Array) => {
      chunks.push(chunk)
      length += chunk.byteLength
      // The rest is thrown away unread; the server's own time limit ends whoever goes on sending.
      if (length > maxBytes) {
        leave().resume()
        resolve(undefined)
      }
    }
    const onEnd = () => {
      leave()
      resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
    }
    const onFailure = () => {
      leave()
      reject(new Error('The body was cut off'))
    }
    request.on('data', onData).on('end', onEnd).on('error', onFailure).on('close', onFailure)
  })
}
