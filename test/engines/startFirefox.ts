import puppeteer from 'puppeteer-core'
import { findExecutable } from '../support/findExecutable'
import type { Engine } from './Engine'

/** Firefox through WebDriver BiDi: no driver program beside it. */
export async function startFirefox(): Promise<Engine> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: findExecutable('FIREFOX_PATH', ['firefox-esr', 'firefox']),
    headless: true,
  })
  return {
    name: 'firefox',
    version: (await browser.version()).replace(/^\D*/, ''),
    async open(url) {
      const context = await browser.createBrowserContext()
      const page = await context.newPage()
      await page.goto(url, { waitUntil: 'load' })
      return {
        goto: async (to) => void (await page.goto(to, { waitUntil: 'load' })),
        back: async () => void (await page.goBack({ waitUntil: 'load' })),
        evaluate: async <T>(expression: string) => (await page.evaluate(expression)) as T,
        close: () => context.close(),
      }
    },
    close: () => browser.close(),
  }
}
