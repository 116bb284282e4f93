import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { IncomingMessage } from 'node:http'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRelay } from '../src/index.js'
import { toNodeHandler } from '../src/node/index.js'
import { apiKey, page, startRelay } from './support/startRelay.js'
import { startUpstream } from './support/startUpstream.js'

const require = createRequire(import.meta.url)
const bundle = readFileSync(require.resolve('usercom-snippet/dist/usercom.umd.js'))
const { version } = require('usercom-snippet/package.json') as { version: string }

/** Without what `fetch` does by itself: its encodings are its own. */
const rawGet = (url: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
    get(url, { headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      )
    }).on('error', reject)
  })

describe('GET /usercom.js', () => {
  it.each([
    ['br', 'gzip, deflate, br', brotliDecompressSync],
    ['gzip', 'gzip, deflate, br;q=0', gunzipSync],
    [undefined, 'deflate', (body: Buffer) => body],
    [undefined, '', (body: Buffer) => body],
  ])('is the bundle, encoded as %s for "%s"', async (encoding, accepted, decode) => {
    const { relay } = await startRelay()
    const { status, headers, body } = await rawGet(`${relay.url}/usercom.js`, { 'accept-encoding': accepted })
    expect(status).toBe(200)
    expect(headers['content-encoding']).toBe(encoding)
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(headers.vary).toBe('Accept-Encoding')
    expect(headers['cross-origin-resource-policy']).toBe('cross-origin')
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(decode(body).equals(bundle)).toBe(true)
  })

  it('may be kept for good under its version, else for minutes', async () => {
    const { relay } = await startRelay()
    const cacheControl = async (query: string) =>
      (await rawGet(`${relay.url}/usercom.js${query}`)).headers['cache-control']
    expect(await cacheControl(`?v=${version}`)).toBe('public, max-age=31536000, immutable')
    expect(await cacheControl('?v=9.9.9')).toBe('public, max-age=300')
    expect(await cacheControl('')).toBe('public, max-age=300')
  })

  it('is 304 to who has it', async () => {
    const { relay } = await startRelay()
    const first = await rawGet(`${relay.url}/usercom.js`)
    const etag = String(first.headers.etag)
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await rawGet(`${relay.url}/usercom.js`, { 'if-none-match': tags })
      expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, etag])
    }
    expect((await rawGet(`${relay.url}/usercom.js`, { 'if-none-match': '"other"' })).status).toBe(200)
  })

  it('has its source map beside it', async () => {
    const { relay, request } = await startRelay()
    const name = /sourceMappingURL=(\S+)/.exec(bundle.toString())?.[1]
    expect(name).toBe('usercom.umd.js.map')
    expect((await request(`/${name}`)).headers.get('content-type')).toBe('application/json')
    expect((await fetch(`${relay.url}/usercom.js`, { method: 'HEAD' })).status).toBe(200)
  })
})

describe('the other paths', () => {
  it('GET /healthz says that it lives', async () => {
    const { request } = await startRelay()
    const { status, text } = await request('/healthz')
    expect([status, text]).toEqual([200, '{"status":"ok"}'])
  })

  it.each(['/', '/nothing', '/identify/', '/usercom', '/../package.json', '/__proto__', '/constructor'])(
    '%s is 404',
    async (path) => {
      const { request } = await startRelay()
      expect((await request(path)).status).toBe(404)
    },
  )

  it('all are under the base path', async () => {
    const { relay, request, post } = await startRelay({ basePath: '/usercom/' })
    expect(relay.url).toMatch(/\/usercom$/)
    expect((await request('/healthz')).status).toBe(200)
    expect((await post({ email: 'a@b.co' })).status).toBe(202)
    const { origin } = new URL(relay.url)
    expect((await fetch(`${origin}/healthz`)).status).toBe(404)
    expect((await fetch(`${origin}/identify`, { method: 'POST' })).status).toBe(404)
  })
})

describe('mounted in a server of your own', () => {
  type BodyRequest = IncomingMessage & { body?: unknown }
  const mount = async (parse?: (body: Buffer) => unknown) => {
    const upstream = await startUpstream()
    const handler = toNodeHandler(
      createRelay({ subdomain: 'acme', apiKey, apiUrl: upstream.url, allowedOrigins: [page] }),
    )
    const server = createServer((request: BodyRequest, response) => {
      if (!parse) return void handler(request, response)
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        request.body = parse(Buffer.concat(chunks))
        void handler(request, response)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(async () => {
      server.closeAllConnections()
      server.close()
      await upstream.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/anywhere`
    const post = (body: string) =>
      fetch(url, { method: 'POST', headers: { origin: page, 'content-type': 'application/json' }, body })
    return { post, upstream }
  }

  it.each<[string, ((body: Buffer) => unknown) | undefined]>([
    ['before any body parser', undefined],
    ['behind one that parses JSON', (body) => JSON.parse(body.toString()) as unknown],
    ['behind one that keeps text', (body) => body.toString()],
    ['behind one that keeps bytes', (body) => body],
  ])('%s', async (_, parse) => {
    const { post, upstream } = await mount(parse)
    expect((await post('{"email":" a@b.co "}')).status).toBe(202)
    expect(upstream.written()).toEqual([{ email: 'a@b.co' }])
    expect((await post('{"email":"a@@b.co"}')).status).toBe(400)
    expect((await post(JSON.stringify({ x: 'x'.repeat(33_000) }))).status).toBe(413)
  })

  it('behind one that read the body and left nothing', async () => {
    const { post } = await mount(() => undefined)
    expect((await post('{"email":"a@b.co"}')).status).toBe(400)
  })
})
