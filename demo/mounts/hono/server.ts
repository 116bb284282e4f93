// The relay as one route of a Hono app: both speak `Request` and `Response`.
import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { createRelay } from 'usercom-relay'
import { relayOptions } from '../relayOptions'

const relay = createRelay(relayOptions(process.env))
const app = new Hono()
app.all('/identify', (context) =>
  relay.fetch(context.req.raw, { address: getConnInfo(context).remote.address }),
)

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 8787) }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}`),
)
