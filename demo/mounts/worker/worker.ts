// The relay as a Cloudflare Worker. The key is a secret of the Worker: npx wrangler secret put USERCOM_API_KEY
import { createRelay, type Relay } from 'usercom-relay'
import { relayOptions } from '../relayOptions'

type Environment = Record<string, string | undefined>
type Context = { waitUntil(promise: Promise<unknown>): void }

let relay: Relay | undefined

export default {
  // Made with the first request: a Worker learns its variables no earlier.
  fetch(request: Request, environment: Environment, context: Context): Promise<Response> {
    relay ??= createRelay(relayOptions(environment))
    return relay.fetch(request, {
      address: request.headers.get('cf-connecting-ip') ?? undefined,
      // A visitor who leaves the page ends the request, and must not end what was begun for them.
      waitUntil: (delivery) => context.waitUntil(delivery),
    })
  },
}
