import { expect, it } from 'vitest'
import { readStorage, useSite } from '../support/useSite'

const site = useSite()
const required = (more = '') =>
  `<script>window.kept = {}</script>${site.head()}<script>UserCom.init({ consent: 'required' ${more} })</script>`

it('before consent nothing of the person is stored or sent; with it, the call goes', async () => {
  const page = await site.open({ head: required() })
  await page.evaluate(() => {
    window.kept.call = UserCom.identify({ email: 'shy@example.org' })
    return UserCom.flush()
  })
  expect(await readStorage(page)).not.toContain('shy')
  expect(site.relay.posts).toHaveLength(0)
  const result = await page.evaluate(() => {
    UserCom.consent(true)
    return window.kept.call
  })
  expect(result).toEqual({ ok: true, status: 'accepted' })
  expect(site.relay.posts).toHaveLength(1)
})

it('before consent nothing leaves with the page either', async () => {
  const page = await site.open({ head: required() })
  await page.evaluate(() => void UserCom.identify({ email: 'shy@example.org' }))
  await page.goto(site.pages.add('/other', { head: site.head() }))
  await page.evaluate(() => UserCom.identify({ email: 'marker@example.org' }))
  expect(site.relay.posts.map((post) => post.body)).toEqual(['{"email":"marker@example.org"}'])
})

it('consent(false) drops what waits, empties storage and refuses later calls', async () => {
  site.relay.reply({ status: 503, headers: { 'retry-after': '3600' } })
  const page = await site.open()
  await page.evaluate(() => {
    window.kept = { call: UserCom.identify({ email: 'gone@example.org' }) }
  })
  await site.relay.waitForPosts(1)
  const results = await page.evaluate(async () => {
    UserCom.consent(false)
    return [await window.kept.call, await UserCom.identify({ email: 'later@example.org' })]
  })
  const refused = { ok: false, reason: 'consent', issues: [] }
  expect(results).toEqual([refused, refused])
  expect(await readStorage(page)).toBe('[{},{},""]')
  expect(site.relay.posts).toHaveLength(1)
})

it('respectGpc: a browser that says "do not sell or share" is a refusal', async () => {
  await site.context.addInitScript(() =>
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }),
  )
  const page = await site.open()
  const results = await page.evaluate(async () => {
    const before = await UserCom.identify({ email: 'a@example.org' })
    UserCom.init({ respectGpc: true })
    return [before, await UserCom.identify({ email: 'b@example.org' })]
  })
  expect(results).toEqual([
    { ok: true, status: 'accepted' },
    { ok: false, reason: 'consent', issues: [] },
  ])
})
