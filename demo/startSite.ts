import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serve } from 'srvx'
import type { App } from './openApp'

export interface SiteOptions {
  port: number
  /** Where the relay listens; asked for at each request, since the relay starts after the site whose origin it allows. */
  relayUrl: () => string
  app: Pick<App, 'usersUrl' | 'isStandIn'>
}

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const page = read('page.html')
const stub = readFileSync(fileURLToPath(import.meta.resolve('usercom-snippet/dist/stub.js')), 'utf8').trim()
const files: Readonly<Record<string, { type: string; text: string }>> = {
  '/page.css': { type: 'text/css', text: read('page.css') },
  '/page.js': { type: 'text/javascript', text: read('page.js') },
}

const escape = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** The web site of somebody who uses the snippet, under a policy as strict as such sites have. */
export async function startSite({ port, relayUrl, app }: SiteOptions) {
  const answerPage = () => {
    const nonce = randomBytes(16).toString('base64')
    const relay = relayUrl()
    const users = escape(app.usersUrl)
    const parts: Record<string, string> = {
      nonce,
      stub,
      relay: escape(relay),
      users,
      app: app.isStandIn ? 'a stand-in for User.com' : 'your User.com app',
      arrived: app.isStandIn ? `<iframe src="${users}" title="Who has arrived"></iframe>` : '',
    }
    const policy = [
      `default-src 'none'`,
      `script-src 'nonce-${nonce}'`,
      `style-src 'self'`,
      `img-src data:`,
      `connect-src ${new URL(relay).origin}`,
      `frame-src ${app.isStandIn ? new URL(app.usersUrl).origin : `'none'`}`,
      `form-action 'self'`,
      `base-uri 'none'`,
      `require-trusted-types-for 'script'`,
    ]
    const text = page.replace(/\/\*\{\{stub\}\}\*\/|\{\{(\w+)\}\}/g, (_, name = 'stub') => parts[name] ?? '')
    return respond(text, 'text/html', { 'content-security-policy': policy.join('; ') })
  }

  const server = serve({
    port,
    hostname: '127.0.0.1',
    silent: true,
    gracefulShutdown: false,
    fetch(request) {
      const { pathname } = new URL(request.url)
      if (pathname === '/') return answerPage()
      const file = files[pathname]
      return file ? respond(file.text, file.type) : new Response('Not found', { status: 404 })
    },
  })
  await server.ready()
  const url = new URL(server.url!)
  return { url: url.origin, port: Number(url.port), close: () => server.close(true) }
}

const respond = (text: string, type: string, headers: Record<string, string> = {}) =>
  new Response(text, {
    headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store', ...headers },
  })
