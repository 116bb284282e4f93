/* global Bun */
import { createSite } from './createSite.mjs'

const site = createSite(process.env.API_URL, process.env.SILENT_URL)
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  idleTimeout: 60,
  fetch: (request, server) => site(request, { address: server.requestIP(request)?.address }),
})
console.log(`http://127.0.0.1:${server.port}`)
