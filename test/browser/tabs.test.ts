import { expect, it } from 'vitest'
import { useSite } from '../support/useSite'

const site = useSite()
const accepted = { ok: true, status: 'accepted' }

/** Four tabs with five calls each, none of which was tried yet: the browser is offline. */
async function openWaitingTabs() {
  const tabs = []
  for (let tab = 0; tab < 4; tab++) tabs.push(await site.open())
  for (const tab of tabs) await tab.waitForFunction(() => 'createClient' in window.UserCom)
  await site.context.setOffline(true)
  const results = tabs.map((tab, number) =>
    tab.evaluate(
      (number) =>
        Promise.all([0, 1, 2, 3, 4].map((n) => UserCom.identify({ email: `tab${number}-${n}@example.org` }))),
      number,
    ),
  )
  for (const result of results)
    result.catch(() => {
      // A tab that is closed cannot tell.
    })
  await tabs[0]!.waitForFunction(
    () => (JSON.stringify({ ...localStorage }).match(/tab\d-\d@example\.org/g) ?? []).length >= 20,
  )
  return { tabs, results }
}

const people = () =>
  new Set(site.relay.posts.map((post) => (JSON.parse(post.body) as { email: string }).email))

it('four tabs, twenty calls waiting, the network comes back: twenty arrive in at most 22 requests, each tab hears its own', async () => {
  const { results } = await openWaitingTabs()
  await site.context.setOffline(false)
  for (const result of results) expect(await result).toEqual(Array(5).fill(accepted))
  expect(people().size).toBe(20)
  expect(site.relay.posts.length).toBeLessThanOrEqual(22)
})

it('whichever tab delivers is closed on the way: the rest arrives', async () => {
  const { tabs } = await openWaitingTabs()
  site.relay.reply(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return { status: 202 }
  })
  await site.context.setOffline(false)
  for (const [index, tab] of tabs.slice(0, 3).entries()) {
    await site.relay.waitForPosts(4 * (index + 1))
    await tab.close()
  }
  await expect.poll(() => people().size, { timeout: 30_000 }).toBe(20)
  // Each closing may cost one call its answer, which is then asked for again with the same key.
  expect(new Set(site.relay.posts.map((post) => post.i)).size).toBe(20)
})
