/* global Deno */
import { createSite } from './createSite.mjs'

const site = createSite(Deno.env.get('API_URL'), Deno.env.get('SILENT_URL'))
const onListen = ({ port }) => console.log(`http://127.0.0.1:${port}`)
Deno.serve({ hostname: '127.0.0.1', port: 0, onListen }, (request, { remoteAddr }) =>
  site(request, { address: remoteAddr.hostname }),
)
