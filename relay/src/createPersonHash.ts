import type { Secret } from './createSecret.js'

const hmac = { name: 'HMAC', hash: 'SHA-256' }
const purpose = 'usercom-relay: people remembered'

/**
 * Names a person in a way that cannot be turned back, nor guessed by who has only the outbox's file: an HMAC-SHA-256
 * whose key is derived from the API key, which is not in that file.
 */
export const createPersonHash = (apiKey: Secret): ((person: string) => Promise<string>) => {
  const encode = (text: string) => new TextEncoder().encode(text)
  const importKey = (bytes: BufferSource) => crypto.subtle.importKey('raw', bytes, hmac, false, ['sign'])
  const deriveKey = async () =>
    importKey(await crypto.subtle.sign(hmac, await importKey(encode(apiKey.reveal())), encode(purpose)))
  let key: Promise<CryptoKey> | undefined

  return async (person) => {
    const digest = await crypto.subtle.sign(hmac, await (key ??= deriveKey()), encode(person))
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
  }
}
