import { describe, expect, it } from 'vitest'
import { stub } from '../support/startPages'
import { useSite } from '../support/useSite'

const site = useSite()
const stubTag = () => `<script>${stub()}</script>`
const scriptTag = (more = 'async') => `<script ${more} src="${site.relay.origin}/usercom.js"></script>`
const calls = `<script>
  window.kept = {}
  kept.first = UserCom.identify({ email: 'first@example.org' })
  kept.second = UserCom.identify({ email: 'second@example.org' })
</script>`
const settle = `Promise.all([kept.first, kept.second])`

const emails = () => site.relay.posts.map((post) => (JSON.parse(post.body) as { email: string }).email)
const accepted = { ok: true, status: 'accepted' }

describe('calls made before the script has loaded', () => {
  it.each([
    ['stub, then script', () => stubTag() + calls + scriptTag()],
    ['stub twice', () => stubTag() + stubTag() + calls + stubTag() + scriptTag()],
    ['script twice', () => stubTag() + calls + scriptTag() + scriptTag()],
    ['script twice, one after the other', () => stubTag() + calls + scriptTag('') + scriptTag('')],
    ['script before stub', () => scriptTag('') + stubTag() + calls],
    ['script alone', () => scriptTag('') + calls],
  ])('%s: each is sent once, in order, and settles', async (_, head) => {
    const page = await site.open({ head: head() })
    expect(await page.evaluate(settle)).toEqual([accepted, accepted])
    expect(emails()).toEqual(['first@example.org', 'second@example.org'])
  })

  it('replays init and consent first, wherever they stood', async () => {
    const page = await site.open({
      head: `${stubTag()}${calls}<script>
        UserCom.init({ endpoint: '${site.relay.origin}/elsewhere', consent: 'required' })
        UserCom.consent(true)
      </script>${scriptTag()}`,
    })
    expect(await page.evaluate(settle)).toEqual([accepted, accepted])
    expect(site.relay.posts.map((post) => post.path)).toEqual(['/elsewhere', '/elsewhere'])
  })

  it('keeps a reference that was taken early working', async () => {
    const page = await site.open({
      head: `${stubTag()}<script>window.early = UserCom.identify</script>${scriptTag()}`,
    })
    await page.waitForFunction(() => 'createClient' in window.UserCom)
    expect(await page.evaluate(`early({ email: 'late@example.org' })`)).toEqual(accepted)
    expect(emails()).toEqual(['late@example.org'])
  })
})

it('leaves the globals of User.com’s own widget alone', async () => {
  const page = await site.open({
    head: `<script>window.UE = { pageHit() {} }; window.userengage = () => {}; window.civchat = { apiKey: 'widget' }
      window.before = JSON.stringify([Object.keys(UE), typeof userengage, civchat])
      window.names = new Set(Object.getOwnPropertyNames(window))
    </script>${stubTag()}${calls}${scriptTag()}`,
  })
  await page.evaluate(settle)
  expect(
    await page.evaluate(`JSON.stringify([Object.keys(UE), typeof userengage, civchat]) === before`),
  ).toBe(true)
  expect(
    await page.evaluate(`Object.getOwnPropertyNames(window).filter((name) => !names.has(name)).sort()`),
  ).toEqual(['UserCom', 'kept', 'names'])
})
