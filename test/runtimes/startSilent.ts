import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SilentServer {
  /** Under `never/` nothing is answered, under `first/` all but the first call. */
  url: string
  /** The first call under `first/` has come. */
  onFirst: Promise<void>
  stop(): void
}

/** A User.com that takes calls and keeps silent. */
export const startSilent = async (): Promise<SilentServer> => {
  let isFirst = true
  let seen = () => {}
  const onFirst = new Promise<void>((resolve) => (seen = resolve))
  const server = createServer(({ url, method }, response) => {
    if (!url!.startsWith('/first/')) return
    if (!isFirst) {
      response.writeHead(method === 'GET' ? 404 : 201, { 'content-type': 'application/json' })
      response.end('{"id":1}')
      return
    }
    isFirst = false
    seen()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    onFirst,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
