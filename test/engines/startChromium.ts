import { chromium } from 'playwright-core'
import { chromiumFlags, findChromium } from '../support/chromium'
import type { Engine } from './Engine'

export async function startChromium(): Promise<Engine> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags })
  return {
    name: 'chromium',
    version: browser.version(),
    async open(url) {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(url, { waitUntil: 'load' })
      return {
        goto: async (to) => void (await page.goto(to, { waitUntil: 'load' })),
        back: async () => void (await page.goBack({ waitUntil: 'load' })),
        evaluate: (expression) => page.evaluate(expression),
        close: () => context.close(),
      }
    },
    close: () => browser.close(),
  }
}
