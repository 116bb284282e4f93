import type { Frame, Page } from 'playwright-core'
import { expect } from 'vitest'
import { stub } from './startPages'
import type { Site } from './useSite'

const early = { email: 'early@example.org', first_name: 'Eve "E"', tags: ['new', 'lead'] }
const late = { email: 'late@example.org', custom: ['a'], count: 3, agreed: true }

/** A page's head around the stub and the script: what stands before them, and after. */
export const aroundStub = (site: Site, before: string, after = ''): string =>
  `${before}<script>${stub()}</script><script>window.kept = { early: UserCom.identify(${JSON.stringify(early)}) }</script>
  <script async src="${site.relay.origin}/usercom.js"></script>${after}`

/** The same without a stub. */
export const aroundScript = (site: Site, before: string): string =>
  `${before}<script src="${site.relay.origin}/usercom.js"></script>
  <script>window.kept = { early: UserCom.identify(${JSON.stringify(early)}) }</script>`

/** What a page made with the above does where nothing is hard about it: each call arrives once and says so. */
export async function expectAsUsual(site: Site, page: Page | Frame): Promise<void> {
  const accepted = { ok: true, status: 'accepted' }
  await page.waitForFunction(() => 'createClient' in window.UserCom)
  const bodies = () => site.relay.posts.map(({ body }) => JSON.parse(body) as unknown)
  expect(await page.evaluate(() => window.kept.early)).toEqual(accepted)
  expect(await page.evaluate((late) => UserCom.identify(late), late)).toEqual(accepted)
  expect(bodies()).toEqual([early, late])
  // What is kept of them recognises the last one, and is no text of it.
  expect(await page.evaluate((late) => UserCom.identify(late), late)).toEqual({
    ok: true,
    status: 'unchanged',
  })
  expect(await page.evaluate((late) => UserCom.identify({ ...late, email: 'x@' }), late)).toMatchObject({
    reason: 'invalid',
    issues: [{ field: 'email', code: 'email' }],
  })
  expect(bodies()).toHaveLength(2)
  const stored = await page.evaluate(() => {
    let text = ''
    try {
      for (let n = 0; n < localStorage.length; n++) text += localStorage.getItem(localStorage.key(n)!)
    } catch {
      // A page without storage keeps nothing.
    }
    return text
  })
  expect(stored.replace(/[^a-z]/g, '')).not.toMatch(/late|example/)
}
