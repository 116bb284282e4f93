import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from './createMetrics.js'

/** A port of their own for the metrics, which the network lets only Prometheus reach. */
export const serveMetrics = async (metrics: Metrics, host: string, port: number) => {
  const answer = async (path: string | undefined, response: ServerResponse) => {
    if (path !== '/metrics') return response.writeHead(404).end()
    const { text, contentType } = await metrics.render()
    response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text)
  }
  const server = createServer((request, response) => {
    answer(request.url, response).catch(() => response.writeHead(500).end())
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
