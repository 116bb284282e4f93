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
  let timer: ReturnType<typeof setTimeout> | undefined
  const slow = new Promise<'slow'>((resolve) => (timer = setTimeout(resolve, bodyTimeoutMs, 'slow')))
  try {
    const read = client.readBody ? client.readBody(maxBodyBytes) : readLimited(request.body, maxBodyBytes)
    const bytes = await Promise.race([read, slow])
    if (bytes === 'slow') return { refusal: { code: 'slow' } }
    return bytes ? { bytes } : { refusal: { code: 'too_large' } }
  } catch {
    // Cut off on the way; most likely no one is there to hear it.
    return { refusal: { code: 'json' } }
  } finally {
    clearTimeout(timer)
  }
}
