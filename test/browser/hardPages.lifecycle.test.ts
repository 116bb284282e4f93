import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import puppeteer, { type Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { Defence } from '../support/buildWithout'
import { chromiumFlags, findChromium } from '../support/chromium'
import { aroundStub } from '../support/expectAsUsual'
import { useHardPages } from '../support/useHardPages'
import { useSite } from '../support/useSite'

// Playwright turns the back/forward cache off.
const site = useSite({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
const hardPage = useHardPages(site)

const emails = () => site.relay.posts.map(({ body }) => (JSON.parse(body) as { email: string }).email)
const accepted = { ok: true, status: 'accepted' }

hardPage(
  'a page comes back from the back/forward cache: what nothing answered before is delivered',
  [
    { file: 'createDelivery.ts', code: ' || (persisted && !isAway)', without: '' },
    { file: 'createDelivery.ts', code: 'endTurn?.()\n    endTurn = undefined', without: '' },
  ],
  async () => {
    const page = await site.open({
      head: `<script>window.shown = []; addEventListener('pageshow', (event) => shown.push(event.persisted))</script>
        <script src="/dist/usercom.umd.js" data-endpoint="${site.relay.origin}/identify"></script>`,
    })
    await site.relay.stop()
    let failed = 0
    const tried = new Promise<void>((resolve) =>
      page.on('requestfailed', (request) => request.method() === 'POST' && ++failed === 3 && resolve()),
    )
    await page.evaluate(() => {
      window.kept = { call: UserCom.identify({ email: 'back@example.org' }) }
    })
    await tried
    // The page hears of it a moment after the browser says so.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))
    // Some browsers keep no page that holds one; in all it would hold up the other tabs.
    expect(await page.evaluate(async () => (await navigator.locks.query()).held)).toEqual([])
    await page.goto(site.pages.add('/after', { body: 'after' }))
    await site.relay.start()
    await page.goBack({ waitUntil: 'commit' })
    expect(await page.evaluate(`shown`)).toEqual([false, true])
    expect(await page.evaluate(() => window.kept.call)).toEqual(accepted)
    expect(emails()).toEqual(['back@example.org'])
  },
)

describe('a prerendered page', () => {
  // Playwright holds what is prerendered until it may look at it, which it never asks for.
  let browser: Browser
  beforeAll(async () => {
    browser = await puppeteer.launch({ executablePath: findChromium(), args: chromiumFlags })
  })
  afterAll(() => browser.close())

  const waits: Defence[] = [
    {
      file: 'createClient.ts',
      code: '!(globalThis.document as { prerendering?: boolean } | undefined)?.prerendering &&',
      without: '',
    },
  ]

  /** A page that has another prerendered, when that one has called and had time to send. */
  const openPrerendering = async () => {
    site.pages.add('/next', {
      head: aroundStub(
        site,
        `<script>window.wasPrerendering = document.prerendering; window.errors = []; addEventListener('error', ({ message }) => errors.push(message))</script>`,
        `<script>addEventListener('load', () => setTimeout(() => fetch('/loaded', { method: 'POST' }), 500))</script>`,
      ),
    })
    const url = site.pages.add('/', {
      head: `${site.head()}<script type="speculationrules">{"prerender":[{"urls":["/next"],"eagerness":"immediate"}]}</script>`,
      body: '<a href="/next">next</a>',
    })
    const context = await browser.createBrowserContext()
    const page = await context.newPage()
    await page.goto(url)
    await expect.poll(() => site.pages.posts, { timeout: 8000 }).toHaveLength(1)
    return page
  }

  hardPage('nothing of it is sent before the visitor comes, and all of it then', waits, async () => {
    const page = await openPrerendering()
    expect(emails()).toEqual([])
    await page.evaluate(() => UserCom.identify({ email: 'here@example.org' }))
    expect(emails()).toEqual(['here@example.org'])
    await page.click('a')
    await site.relay.waitForPosts(2)
    expect(await page.evaluate('wasPrerendering')).toBe(true)
    expect(await page.evaluate(() => window.kept.early)).toEqual(accepted)
    expect(await page.evaluate('errors')).toEqual([])
    expect(emails()).toEqual(['here@example.org', 'early@example.org'])
  })

  hardPage(
    'its script is blocked and the visitor goes elsewhere: nothing of it is sent',
    'a prerendered page that is given up has no pagehide',
    async () => {
      site.relay.serveScript('missing')
      const page = await openPrerendering()
      await page.goto(site.pages.add('/after', { body: 'after' }))
      expect(emails()).toEqual([])
    },
  )
})

hardPage(
  'React StrictMode calls init and identify twice: one request',
  [
    {
      file: 'createClient.ts',
      code: 'if (isSame) entry = newest',
      without: 'if (isSame && !newest) entry = newest',
      also: {
        code: 'list()[0]?.key === entry.key && isUnchanged(entry) ? unchanged : send(',
        without: 'send(',
      },
    },
  ],
  async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `
          import { StrictMode, useEffect } from 'react'
          import { createRoot } from 'react-dom/client'
          window.kept = {}
          const Form = () => {
            useEffect(() => {
              UserCom.init({ maxAgeMs: 60000 })
              kept[Object.keys(kept).length] = UserCom.identify({ email: 'strict@example.org' })
            }, [])
            return <p>here</p>
          }
          createRoot(document.querySelector('main')).render(<StrictMode><Form /></StrictMode>)`,
        loader: 'jsx',
        resolveDir: fileURLToPath(new URL('../../demo/mounts/', import.meta.url)),
      },
      bundle: true,
      write: false,
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"development"' },
    })
    await site.context.route('**/app.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: outputFiles[0]!.text }),
    )
    const page = await site.open({ body: '<main></main><script src="/app.js"></script>' })
    await page.waitForFunction(() => window.kept?.[1])
    expect(await page.evaluate(() => Promise.all([window.kept[0], window.kept[1]]))).toEqual([
      accepted,
      { ok: true, status: 'unchanged' },
    ])
    expect(emails()).toEqual(['strict@example.org'])
  },
)
