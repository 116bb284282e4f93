import { createServer } from 'node:http'
import { toNodeHandler } from 'usercom-relay/node'
import { createSite } from './createSite.mjs'

const fetch = createSite(process.env.API_URL, process.env.SILENT_URL)
const handler = toNodeHandler({ fetch, close: async () => {} })
const server = createServer(handler)
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
