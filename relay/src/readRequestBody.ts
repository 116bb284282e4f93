import type { Client } from './createRelay.js'
import { readLimited } from './readLimited.js'
import type { Refusal } from './toProblem.js'

const maxBodyBytes = 32 * 1024
const bodyTimeoutMs = 15_000

/** The bytes of a body, or why they are not taken. They are counted as they come; what the headers announce is not believed. */
export const readRequestBody = async (
  request: Request,
  client: Client,
): Promise<{ refusal: Refusal } | { bytes: Uint8Array }> => {
  const read = client.readBody ? client.readBody(maxBodyBytes) : readLimited(request.body, maxBodyBytes)
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    // Not `Promise.race`, which takes several times as long.
    const bytes = await new Promise<Uint8Array | 'slow' | undefined>((resolve, reject) => {
      timer = setTimeout(resolve, bodyTimeoutMs, 'slow')
      read.then(resolve, reject)
    })
    if (bytes === 'slow') return { refusal: { code: 'slow' } }
    return bytes ? { bytes } : { refusal: { code: 'too_large' } }
  } catch {
    // Cut off on the way; most likely no one is there to hear it.
    return { refusal: { code: 'json' } }
  } finally {
    clearTimeout(timer)
  }
}
