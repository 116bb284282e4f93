import { chromium, type Browser, type BrowserContext, type LaunchOptions, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { chromiumFlags, findChromium } from './chromium'
import { startPages, stub, type PageOptions } from './startPages'
import { startRecordingRelay, type RecordingRelay } from './startRecordingRelay'

export interface Site {
  browser: Browser
  /** A profile of its own for each test: empty storage, no cookies. */
  context: BrowserContext
  pages: Awaited<ReturnType<typeof startPages>>
  relay: RecordingRelay
  /** Errors of the page and unhandled rejections; a test that expects none needs to do nothing: it fails with any. */
  errors: string[]
  /** The head most pages have: the stub, and the script from the relay. */
  head(): string
  /** Makes a page and opens it in a new tab. */
  open(page?: PageOptions & { path?: string; context?: BrowserContext }): Promise<Page>
  /** A profile of its own beside the test's. */
  newContext(): Promise<BrowserContext>
}

/**
 * A browser, a site and a relay for the tests of one file: fresh profile and fresh servers for each test.
 *
 * @param launch How the browser is started, beside what is always so.
 */
export function useSite(launch?: LaunchOptions): Site {
  const site = { errors: [] as string[] } as Site
  const contexts: BrowserContext[] = []
  let stopRelay = async () => {}

  beforeAll(async () => {
    site.browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags, ...launch })
  })
  afterAll(() => site.browser.close())

  beforeEach(async () => {
    site.errors.length = 0
    site.pages = await startPages()
    site.relay = await startRecordingRelay()
    stopRelay = () => site.relay.stop()
    site.newContext = async () => {
      const context = await site.browser.newContext()
      contexts.push(context)
      context.on('page', (page) => page.on('pageerror', (error) => site.errors.push(error.message)))
      return context
    }
    site.context = await site.newContext()
  })
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
    await Promise.all([site.pages.close(), stopRelay()])
    // Playwright counts an unhandled rejection as a page error too.
    expect(site.errors).toEqual([])
  })

  site.head = () => `<script>${stub()}</script><script async src="${site.relay.origin}/usercom.js"></script>`
  site.open = async ({ path = '/', context = site.context, ...page } = {}) => {
    const tab = await context.newPage()
    await tab.goto(site.pages.add(path, { head: site.head(), ...page }))
    return tab
  }
  return site
}

/** Everything that lies in a page's storages, as one text. */
export const readStorage = (page: Page): Promise<string> =>
  page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))
