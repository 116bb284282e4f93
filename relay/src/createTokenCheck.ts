import { jwtVerify } from 'jose'
import type { Secret } from './createSecret.js'
import type { Identity } from './parseIdentity.js'
import { parseIdentity } from './parseIdentity.js'

/** A secret that signs tokens; `kid` is '' for one without a name. */
export interface TokenSecret {
  kid: string
  secret: Secret
}

const audience = 'usercom-relay'
const skewSeconds = 30
/** A token that leaks is of use for a day at most. */
const longestLifeSeconds = 24 * 3_600
const bearer = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i

const toKid = (token: string): string | undefined => {
  try {
    const header = token.slice(0, token.indexOf('.')).replace(/-/g, '+').replace(/_/g, '/')
    const { kid } = JSON.parse(atob(header)) as { kid?: unknown }
    return typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}

/** A named secret answers for its name alone; a token without a name, or one nobody has, is tried with what may be it. */
const toCandidates = (token: string, secrets: readonly TokenSecret[]): readonly TokenSecret[] => {
  const kid = toKid(token)
  if (kid === undefined) return secrets
  const named = secrets.filter((secret) => secret.kid === kid)
  return named.length ? named : secrets.filter((secret) => secret.kid === '')
}

/** Says who a token's bearer is; `undefined` where anything about it is not as it must be. */
export const createTokenCheck =
  (secrets: readonly TokenSecret[], now: () => number = () => Date.now()) =>
  async (authorization: string): Promise<Identity | undefined> => {
    const token = bearer.exec(authorization)?.[1]
    if (token === undefined) return undefined
    for (const { secret } of toCandidates(token, secrets)) {
      try {
        const { payload } = await jwtVerify(token, new TextEncoder().encode(secret.reveal()), {
          // Pinned: the token must not choose how it is checked, least of all `none`.
          algorithms: ['HS256'],
          audience,
          clockTolerance: skewSeconds,
          requiredClaims: ['exp', 'sub'],
          currentDate: new Date(now()),
        })
        const { exp = Infinity, sub, email } = payload
        if (exp - now() / 1_000 > longestLifeSeconds + skewSeconds) return undefined
        return parseIdentity({ custom_id: sub, email })
      } catch {
        // Not this secret's, or no longer good. Which of the two is not told.
      }
    }
    return undefined
  }
