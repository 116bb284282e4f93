import { describe, expect, it } from 'vitest'
import { stub } from '../support/startPages'
import { useSite } from '../support/useSite'

const site = useSite()
const runs = 100

const emailOf = (body: string) => (JSON.parse(body) as { email: string }).email

describe('navigating away 0 ms after identify returns', () => {
  it.each(['cross-origin', 'same-origin'])(`arrives in ${runs} of ${runs} runs: %s relay`, async (kind) => {
    // The page that comes after knows nothing of the snippet: nobody sends it a second time.
    const after = site.pages.add('/after', { body: 'after' })
    const script =
      kind === 'cross-origin'
        ? `<script src="/dist/usercom.umd.js" data-endpoint="${site.relay.origin}/identify"></script>`
        : `<script src="/dist/usercom.umd.js"></script>`
    const before = site.pages.add('/before', { head: script })
    const page = await site.context.newPage()
    for (let run = 0; run < runs; run++) {
      await page.goto(before)
      const arrived = page.waitForURL(after)
      await page
        .evaluate(
          ([email, after]) => {
            void UserCom.identify({ email })
            location.href = after
          },
          [`run${run}@example.org`, after] as const,
        )
        .catch(() => {
          // The page may be gone before it can say that it has evaluated.
        })
      await arrived
      // Storage of the next run is empty: what waits there would be sent by the next page.
      await page.evaluate(() => localStorage.clear())
    }
    const bodies = () =>
      (kind === 'cross-origin' ? site.relay.posts : site.pages.posts).map((post) => emailOf(post.body))
    await expect.poll(() => new Set(bodies()).size, { timeout: 10_000 }).toBe(runs)
  })
})

describe('leaving before the script came', () => {
  it('the script takes long and the visitor leaves: the call arrives, once', async () => {
    let release = () => {}
    site.relay.serveScript(new Promise<void>((resolve) => (release = resolve)))
    const page = await site.context.newPage()
    const url = site.pages.add('/', {
      head: `${site.head()}<script>UserCom.identify({ email: ' bounced@example.org ' })</script>`,
    })
    await page.goto(url, { waitUntil: 'commit' })
    await page.waitForFunction(() => 'UserCom' in window)
    await page.waitForTimeout(1000)
    await page.goto(site.pages.add('/after', { body: 'after' }))
    await site.relay.waitForPosts(1)
    release()
    const back = await site.context.newPage()
    await back.goto(site.pages.add('/next', { head: site.head() }))
    await back.evaluate(() => UserCom.identify({ email: 'marker@example.org' }))
    const keys = site.relay.posts.filter((post) => post.body.includes('bounced')).map((post) => post.i)
    expect(keys).toHaveLength(1)
    expect(keys[0]).toMatch(/^[\da-f-]{36}$/)
    expect(site.relay.others.filter((other) => other.method === 'OPTIONS')).toEqual([])
  })

  it('the script is blocked: the promise settles, and the call arrives when the visitor leaves', async () => {
    site.relay.serveScript('missing')
    const page = await site.open({
      head: `<script>${stub()}</script><script>window.kept = { call: UserCom.identify({ email: 'blocked@example.org' }) }</script>
        <script async src="${site.relay.origin}/usercom.js"></script>`,
    })
    expect(await page.evaluate(() => window.kept.call)).toEqual({
      ok: false,
      reason: 'unavailable',
      issues: [],
    })
    await page.goto(site.pages.add('/after', { body: 'after' }))
    await site.relay.waitForPosts(1)
    expect(emailOf(site.relay.posts[0]!.body)).toBe('blocked@example.org')
  })

  it('the script has not come in 30 s: the promise settles; when it comes late after all, the call is sent once', async () => {
    let release = () => {}
    site.relay.serveScript(new Promise<void>((resolve) => (release = resolve)))
    const page = await site.context.newPage()
    await page.clock.install()
    await page.goto(
      site.pages.add('/', {
        head: `<script>${stub()}</script><script>window.kept = { call: UserCom.identify({ email: 'slow@example.org' }) }</script>
          <script async src="${site.relay.origin}/usercom.js"></script>`,
      }),
      { waitUntil: 'commit' },
    )
    await page.waitForFunction(() => 'kept' in window)
    await page.clock.runFor(30_500)
    expect(await page.evaluate(() => window.kept.call)).toEqual({
      ok: false,
      reason: 'unavailable',
      issues: [],
    })
    release()
    await page.waitForFunction(() => 'createClient' in window.UserCom)
    await page.clock.runFor(1000)
    await site.relay.waitForPosts(1)
    await page.goto(site.pages.add('/after', { body: 'after' }))
    expect(new Set(site.relay.posts.map((post) => post.i)).size).toBe(1)
  })
})

it('a hidden page sends what was not tried yet', async () => {
  const page = await site.open()
  await page.waitForFunction(() => 'createClient' in window.UserCom)
  await page.evaluate(() => {
    void UserCom.identify({ email: 'hidden@example.org' })
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
    Object.defineProperty(document, 'hidden', { value: true })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await site.relay.waitForPosts(1)
})

it('registers nothing that keeps a page out of the back/forward cache', async () => {
  const page = await site.open({
    head: `<script>
      window.listened = []
      for (const target of [window, document]) {
        const add = target.addEventListener
        target.addEventListener = function (type, ...rest) { listened.push(type); return add.call(this, type, ...rest) }
      }
    </script>${site.head()}`,
  })
  await page.evaluate(() => UserCom.identify({ email: 'a@example.org' }))
  const listened = await page.evaluate<string[]>(`listened`)
  expect(listened).not.toContain('unload')
  expect(listened).not.toContain('beforeunload')
  expect(await page.evaluate(async () => (await navigator.locks.query()).held)).toEqual([])
})
