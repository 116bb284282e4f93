// The relays that the suite talks to, each under a path of its own. The same file runs in every runtime.
import { createRelay } from 'usercom-relay'

export const apiKey = 'Rt'.repeat(32)
export const page = 'https://shop.example'
export const tokenSecret = 'a secret of this suite, long enough'

/**
 * @param {string} apiUrl the User.com stand-in
 * @param {string} silentUrl under `never/` one that never answers, under `first/` one that answers all but the first call
 * @returns {import('usercom-relay').Relay['fetch']}
 */
export const createSite = (apiUrl, silentUrl) => {
  const start = (options) =>
    createRelay({
      subdomain: 'acme',
      apiKey,
      apiUrl,
      allowedOrigins: [page],
      upstreamPerSecond: 1000,
      clientPerMinute: 1000,
      ...options,
    })
  const relays = {
    '/identify': start(),
    '/token/identify': start({ tokenSecret }),
    '/few/identify': start({ clientPerMinute: 3 }),
    '/slow/identify': start({ upstreamPerSecond: 4, knownEmail: 'create' }),
    '/silent/identify': start({ apiUrl: `${silentUrl}never/` }),
    '/left/identify': start({ apiUrl: `${silentUrl}first/` }),
  }
  return (request, client) => relays[new URL(request.url).pathname].fetch(request, client)
}
