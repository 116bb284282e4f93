import { rmSync } from 'node:fs'
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { useBuild } from './build'
import { buildWithout, removeDefence, type Defence } from './buildWithout'
import { aroundStub, expectAsUsual } from './expectAsUsual'
import type { Site } from './useSite'

/** With it every hard page is also opened with builds that lack its defences, which it has to break. */
const isWithout = !!process.env.WITHOUT_DEFENCES

/** Gives the function that makes a test of one hard page, for a file that has a `site`. */
export const useHardPages =
  (site: Site) =>
  /**
   * @param name What is hard about the page.
   * @param defences What of the sources the page works by; or, where nothing is there for its sake, why it works.
   * @param run Opens the page and looks at the wire and the screen; fails in a few seconds where the page does not work.
   */
  (name: string, defences: Defence[] | string, run: () => Promise<void>): void => {
    const runQuietly = () => {
      watch(site.context, site.errors)
      return run()
    }
    if (typeof defences === 'string') return void it(`${name} (no defence needed: ${defences})`, runQuietly)

    it(name, async () => {
      defences.forEach(removeDefence)
      await runQuietly()
    })

    if (isWithout)
      describe.each(defences)(`${name}: without $file: $code`, (defence) => {
        let folder = ''
        let stop = () => {}
        beforeAll(async () => {
          folder = await buildWithout(defence)
          stop = useBuild(folder)
        })
        afterAll(() => {
          stop()
          rmSync(folder, { recursive: true })
        })

        it('a plain page works', async () => {
          const page = await site.open({ head: aroundStub(site, '') })
          await expectAsUsual(site, page)
        }, 20_000)

        it.fails(
          'this one does not',
          () =>
            runQuietly().catch((error: Error) => {
              // Without its stack: the page's own addresses in it are no files that Vitest could show.
              throw error.message
            }),
          10_000,
        )
      })
  }

/** What a page says on its console as an error is one; that something could not be loaded is said by the browser. */
function watch(context: BrowserContext, errors: string[]) {
  context.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text())
  })
}
