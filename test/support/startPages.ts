import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buildFolder } from './build'

export const stub = () => readFileSync(buildFolder() + 'stub.js', 'utf8').trim()

export interface PageOptions {
  /** What stands in the head: the stub, script tags. */
  head?: string
  body?: string
  headers?: Record<string, string>
}

export interface Pages {
  /** Without a slash at its end. */
  origin: string
  /** The same pages under another origin. */
  otherOrigin: string
  /** Makes a page, and gives its address. */
  add(path: string, page: PageOptions): string
  close(): Promise<void>
}

/** A web site: pages as the test writes them, and `dist/` under `/dist/`. Records what is posted to it in `posts`. */
export async function startPages(): Promise<
  Pages & { posts: { path: string; type: string; body: string }[] }
> {
  const pages = new Map<string, PageOptions>()
  const posts: { path: string; type: string; body: string }[] = []
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    if (request.method === 'POST') {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        posts.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '', body })
        response.writeHead(202).end()
      })
      return
    }
    if (/^\/dist\/[\w.]+$/.test(pathname)) {
      response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'no-store' })
      response.end(readFileSync(buildFolder() + pathname.slice('/dist/'.length)))
      return
    }
    const page = pages.get(pathname)
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', ...page?.headers })
    response.end(
      `<!doctype html><html lang="en"><head><title>${pathname}</title><link rel="icon" href="data:,">${page?.head ?? ''}</head><body>${page?.body ?? ''}</body></html>`,
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    // `localhost` is a secure context, as is `127.0.0.1`, and to a browser they are two origins.
    origin: `http://localhost:${port}`,
    otherOrigin: `http://127.0.0.1:${port}`,
    posts,
    add(path, page) {
      pages.set(path, page)
      return `http://localhost:${port}${path}`
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
