import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serve } from 'srvx'

export interface SiteOptions {
  port: number
  /** Where the relay listens; asked for at each request, since the relay starts after the site whose origin it allows. */
  relayUrl: () => string
  /** Where the users can be seen, and how the page calls that place. */
  usersUrl: string
  appName: string
}

const html = readFileSync(new URL('page.html', import.meta.url), 'utf8')
const stub = readFileSync(fileURLToPath(import.meta.resolve('usercom-snippet/dist/stub.js')), 'utf8').trim()

/** The web site of somebody who uses the snippet, under a policy as strict as such sites have. */
export async function startSite({ port, relayUrl, usersUrl, appName }: SiteOptions) {
  const server = serve({
    port,
    hostname: '127.0.0.1',
    silent: true,
    gracefulShutdown: false,
    fetch(request) {
      if (new URL(request.url).pathname !== '/') return new Response('Not found', { status: 404 })
      const nonce = randomBytes(16).toString('base64')
      const values: Record<string, string> = {
        '/*STUB*/': stub,
        NONCE: nonce,
        RELAY: relayUrl(),
        USERS: usersUrl,
        APP: appName,
      }
      const policy = [
        `default-src 'none'`,
        `script-src 'nonce-${nonce}'`,
        `style-src 'nonce-${nonce}'`,
        `img-src data:`,
        `connect-src ${new URL(relayUrl()).origin}`,
        `form-action 'self'`,
        `base-uri 'none'`,
        `require-trusted-types-for 'script'`,
      ]
      return new Response(
        html.replace(/\/\*STUB\*\/|NONCE|RELAY|USERS|APP/g, (name) => values[name]!),
        {
          headers: {
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': policy.join('; '),
            'cache-control': 'no-store',
          },
        },
      )
    },
  })
  await server.ready()
  return { port: Number(new URL(server.url!).port), close: () => server.close(true) }
}
