import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { chromium, type Page } from 'playwright-core'
import { chromiumFlags, findChromium } from '../test/support/chromium'

/** Rounds take turns, so that whatever else the machine does falls on all of them alike. */
const rounds = 40
const callsEach = 20

const bundle = readFileSync(new URL('../dist/usercom.umd.js', import.meta.url), 'utf8')
const stub = readFileSync(new URL('../dist/stub.js', import.meta.url), 'utf8')

const brotli = (text: string) =>
  brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

console.log('bytes           raw   gzip  brotli')
for (const [name, text] of [
  ['usercom.umd.js', bundle],
  ['stub.js', stub],
] as const)
  console.log(
    name.padEnd(14),
    String(text.length).padStart(5),
    String(gzipSync(text, { level: 9 }).length).padStart(6),
    String(brotli(text)).padStart(7),
  )

const methods: string[] = []
const relay = createServer((request, response) => {
  methods.push(request.method ?? '')
  request.resume().on('end', () => {
    response
      .writeHead(202, { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' })
      .end()
  })
}).listen(0, '127.0.0.1')
const site = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>bench</title>')
}).listen(0, '127.0.0.1')
await Promise.all([once(relay, 'listening'), once(site, 'listening')])
const endpoint = `http://127.0.0.1:${(relay.address() as AddressInfo).port}/identify`
const address = `http://localhost:${(site.address() as AddressInfo).port}/`

const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags })
const page = await browser.newPage()

/** Milliseconds to compile and run a script's text in a fresh page. */
async function runMs(page: Page, text: string): Promise<number> {
  await page.goto(address)
  return page.evaluate((text) => {
    const script = document.createElement('script')
    script.textContent = text
    const start = performance.now()
    document.head.append(script)
    return performance.now() - start
  }, text)
}

/** Microseconds that one call keeps the page waiting: the call alone, not what follows in tasks of its own. */
async function callUs(page: Page, expression: string): Promise<number> {
  return page.evaluate(
    ([expression, calls]) => {
      const call = new Function('n', expression) as (n: number) => void
      const start = performance.now()
      for (let n = 0; n < calls; n++) call(n)
      return ((performance.now() - start) / calls) * 1000
    },
    [expression, callsEach] as const,
  )
}

const seen: Record<'emptyMs' | 'bundleMs' | 'identifyUs' | 'fetchUs', number[]> = {
  emptyMs: [],
  bundleMs: [],
  identifyUs: [],
  fetchUs: [],
}
for (let round = 0; round < rounds; round++) {
  seen.emptyMs.push(await runMs(page, ';'))
  seen.fetchUs.push(
    await callUs(
      page,
      `fetch('${endpoint}', { method: 'POST', keepalive: true, body: JSON.stringify({ email: n + '@example.org' }) }).catch(() => {})`,
    ),
  )
  await page.evaluate(() => localStorage.clear())
  seen.bundleMs.push(await runMs(page, `${bundle};UserCom.init({ endpoint: '${endpoint}' })`))
  seen.identifyUs.push(
    await callUs(page, `UserCom.identify({ email: n + '@example.org', first_name: 'Ann' })`),
  )
}

await page.goto(address)
await page.evaluate(() => localStorage.clear())
await runMs(page, bundle)
methods.length = 0
await page.evaluate(
  (endpoint) =>
    (
      window as unknown as { UserCom: { init(o: object): void; identify(a: object): Promise<unknown> } }
    ).UserCom.init({
      endpoint,
    }),
  endpoint,
)
await page.evaluate(() =>
  (window as unknown as { UserCom: { identify(a: object): Promise<unknown> } }).UserCom.identify({
    email: 'one@example.org',
  }),
)

const empty = median(seen.emptyMs)
const compile = median(seen.bundleMs)
const identify = median(seen.identifyUs)
const bare = median(seen.fetchUs)
console.log(`\nin Chromium ${browser.version()}, medians of ${rounds} rounds that take turns`)
console.log(`compile, run and init   ${compile.toFixed(2)} ms (an empty script: ${empty.toFixed(2)} ms)`)
console.log(
  `identify, synchronous   ${identify.toFixed(0)} µs = ${(identify / bare).toFixed(2)} of a bare fetch`,
)
console.log(
  `requests for one call   ${methods.length} (${methods.filter((method) => method === 'OPTIONS').length} preflights)`,
)

await browser.close()
relay.close()
site.close()
