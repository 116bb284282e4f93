// The relay as a route handler. Pages of the same site need no allowed origin.
import { createRelay, type Relay } from 'usercom-relay'
import { relayOptions } from '../../../relayOptions'

let relay: Relay | undefined

const handle = (request: Request): Promise<Response> => {
  // Made with the first request: a build has no key, and needs none.
  relay ??= createRelay(relayOptions(process.env))
  // The last entry is the one that the server in front of this one added; those before it anyone can write.
  const address = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim()
  return relay.fetch(request, { address })
}

export { handle as POST, handle as OPTIONS }
