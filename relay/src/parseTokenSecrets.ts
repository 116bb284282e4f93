import { createSecret } from './createSecret.js'
import type { TokenSecret } from './createTokenCheck.js'

/** HS256 is no stronger than its secret; RFC 7518 asks for as many bytes as the hash has. */
const leastSecretBytes = 32
const mostSecrets = 8

/** The secrets that sign tokens: one, or several by their `kid` for rotation. `refuse` hears what is wrong. */
export const parseTokenSecrets = (
  given: unknown,
  apiKey: string,
  refuse: (message: string) => void,
): TokenSecret[] => {
  if (given === undefined) return []
  const entries: [string, unknown][] =
    typeof given === 'object' && given !== null ? Object.entries(given) : [['', given]]
  if (!entries.length || entries.length > mostSecrets)
    refuse(`must be one secret, or 1 to ${mostSecrets} by kid`)
  entries.forEach(([, secret], index) => {
    const which = entries.length > 1 ? `number ${index + 1} ` : ''
    if (typeof secret !== 'string' || new TextEncoder().encode(secret).length < leastSecretBytes)
      refuse(`${which}must be text of at least ${leastSecretBytes} bytes`)
    else if (apiKey && secret.includes(apiKey))
      refuse(`${which}must not be the API key: what signs tokens is known in more places`)
  })
  return entries.map(([kid, secret]) => ({ kid, secret: createSecret(String(secret)) }))
}
