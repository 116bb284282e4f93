import type { Defence } from './buildWithout'
import { aroundScript, aroundStub, expectAsUsual } from './expectAsUsual'
import type { useHardPages } from './useHardPages'
import type { Site } from './useSite'

/** What a script of the page's own does before ours comes, and what of the sources works all the same. */
export type PatchedPage = [name: string, patch: string, defences: Defence[] | string]

/** A test of each page with a stub, and of each with the script alone. */
export const patchedPages = (
  site: Site,
  hardPage: ReturnType<typeof useHardPages>,
  pages: PatchedPage[],
): void => {
  for (const [name, patch, defences] of pages)
    for (const [part, around] of [
      ['with a stub', aroundStub],
      ['with the script alone', aroundScript],
    ] as const)
      hardPage(`${name}, ${part}`, defences, async () => {
        await expectAsUsual(site, await site.open({ head: around(site, `<script>${patch}</script>`) }))
      })
}
