import { expect, it } from 'vitest'
import { readStorage, useSite } from '../support/useSite'

const site = useSite()
const identify = (email: string) => UserCom.identify({ email })

it('503 with Retry-After: 2 — nothing in those two seconds, then one request', async () => {
  const page = await site.open()
  site.relay.reply((_, n) => (n === 1 ? { status: 503, headers: { 'retry-after': '2' } } : { status: 202 }))
  expect(await page.evaluate(identify, 'a@example.org')).toEqual({ ok: true, status: 'accepted' })
  expect(site.relay.posts).toHaveLength(2)
  expect(site.relay.posts[1]!.at - site.relay.posts[0]!.at).toBeGreaterThanOrEqual(1990)
})

it('obeys a Retry-After that is a date, and one that only the body has', async () => {
  const page = await site.open()
  site.relay.reply((_, n) => {
    if (n === 1) return { status: 503, headers: { 'retry-after': new Date(Date.now() + 2500).toUTCString() } }
    if (n === 2) return { status: 429, body: JSON.stringify({ retry_after: 1 }) }
    return { status: 202 }
  })
  await page.evaluate(identify, 'a@example.org')
  const [first, second, third] = site.relay.posts.map((post) => post.at)
  // A date has whole seconds: up to one of the two and a half is cut off.
  expect(second! - first!).toBeGreaterThanOrEqual(1490)
  expect(third! - second!).toBeGreaterThanOrEqual(990)
})

it('a relay that answers nothing for longer than the time limit is tried again, with the same key', async () => {
  const page = await site.open()
  site.relay.reply((_, n) => (n === 1 ? 'hang' : { status: 202 }))
  expect(await page.evaluate(identify, 'a@example.org')).toEqual({ ok: true, status: 'accepted' })
  expect(new Set(site.relay.posts.map((post) => post.i)).size).toBe(1)
})

it('sends nothing while the browser is offline, and all of it at once when it is online', async () => {
  const page = await site.open()
  await page.waitForFunction(() => 'createClient' in window.UserCom)
  const attempts: string[] = []
  page.on('request', (request) => attempts.push(request.url()))
  await site.context.setOffline(true)
  const result = page.evaluate(() =>
    Promise.all(['a', 'b'].map((name) => UserCom.identify({ email: `${name}@example.org` }))),
  )
  await page.waitForFunction(() => JSON.stringify({ ...localStorage }).includes('b@example.org'))
  expect(attempts).toEqual([])
  await site.context.setOffline(false)
  expect(await result).toEqual([
    { ok: true, status: 'accepted' },
    { ok: true, status: 'accepted' },
  ])
  expect(site.relay.posts).toHaveLength(2)
})

it('blocked as by an ad-blocker: three tries and no error; unblocked, it arrives from the next page', async () => {
  const page = await site.open()
  await page.waitForFunction(() => 'createClient' in window.UserCom)
  await page.clock.install()
  let tries = 0
  let onTry = () => {}
  await site.context.route(`${site.relay.origin}/identify*`, (route) => {
    tries++
    onTry()
    return route.abort('blockedbyclient')
  })
  const tried = (count: number) =>
    new Promise<void>((resolve) => {
      onTry = () => tries >= count && resolve()
      onTry()
    })
  await page.evaluate(() => void UserCom.identify({ email: 'blocked@example.org' }))
  for (const count of [1, 2, 3]) {
    const seen = tried(count)
    // A timer that the answer sets must be there before time goes on.
    while (tries < count) await page.clock.runFor(1000)
    await seen
  }
  for (let minute = 0; minute < 30; minute++) await page.clock.runFor(60_000)
  expect(tries).toBe(3)
  expect(await readStorage(page)).toContain('blocked@example.org')
  await page.close()

  await site.context.unroute(`${site.relay.origin}/identify*`)
  await site.open()
  await site.relay.waitForPosts(1)
  expect(site.relay.posts[0]!.body).toContain('blocked@example.org')
})

it('other code has used up the keepalive quota: the lead arrives', async () => {
  const page = await site.open()
  await page.evaluate(() => {
    const hanging = 'http://127.0.0.1:9/'
    void fetch(hanging, { method: 'POST', mode: 'no-cors', keepalive: true, body: 'x'.repeat(65_536) }).catch(
      () => {},
    )
    return UserCom.identify({ email: 'quota@example.org' })
  })
  expect(site.relay.posts).toHaveLength(1)
})
