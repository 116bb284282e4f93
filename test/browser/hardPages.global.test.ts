import { describe, expect } from 'vitest'
import type { Defence } from '../support/buildWithout'
import { aroundScript, aroundStub, expectAsUsual } from '../support/expectAsUsual'
import { useHardPages } from '../support/useHardPages'
import { useSite } from '../support/useSite'

const site = useSite()
const hardPage = useHardPages(site)

const emails = () => site.relay.posts.map(({ body }) => (JSON.parse(body) as { email: string }).email)

describe('something on the page is called UserCom', () => {
  const list: Defence = { file: 'script.ts', code: 'calls.splice?.(0) ?? []', without: 'calls.splice(0)' }
  const toScript = (without: string): Defence => ({
    file: 'script.ts',
    code: 'stub?.createClient?.call ?',
    without,
  })
  const toStub = (without: string): Defence => ({
    file: 'stub.ts',
    code: '!page.UserCom?.identify?.call',
    without,
  })
  const pages: [name: string, body: string, more?: { withStub?: Defence; alone?: Defence }][] = [
    ['an element by its id', '<div id="UserCom"></div>'],
    ['two elements by their id', '<p id="UserCom"></p><p id="UserCom"></p>'],
    ['a form by its name', '<form name="UserCom"><input name="email"></form>'],
    ['an empty frame by its name', '<iframe name="UserCom"></iframe>'],
    ['a form with a field q', '<form id="UserCom"><input name="q"></form>', { alone: list }],
    [
      'a form with a field identify',
      '<form id="UserCom"><input name="identify"></form>',
      { withStub: toStub('!page.UserCom?.identify') },
    ],
    [
      'a form with a field createClient',
      '<form id="UserCom"><input name="createClient"></form>',
      { alone: toScript('stub?.createClient ?') },
    ],
  ]
  for (const [name, body, { withStub = [], alone } = {}] of pages) {
    hardPage(`${name}, with a stub`, [toStub('!page.UserCom')].concat(withStub), async () => {
      await expectAsUsual(site, await site.open({ head: '', body: aroundStub(site, body) }))
    })
    hardPage(`${name}, with the script alone`, [alone ?? toScript('stub && !stub.q ?')], async () => {
      await expectAsUsual(site, await site.open({ head: '', body: aroundScript(site, body) }))
    })
  }
})

describe('an in-app browser wraps the global', () => {
  const pushing = `const inner = UserCom
    const outer = new Proxy(inner, {
      has: () => true,
      get: (_, name) => typeof inner[name] !== 'function' ? inner[name] : (...args) =>
        new Promise((resolve) => inner.q.push([name, resolve, args[0], args[1], crypto.randomUUID()])),
    })`
  const replay: Defence = { file: 'script.ts', code: '(client[name] as', without: '(page.UserCom![name] as' }
  const assign: Defence = {
    file: 'script.ts',
    code: "Reflect.set(page, 'UserCom', UserCom)",
    without: 'page.UserCom = UserCom',
  }
  const takeAway: Defence = { file: 'script.ts', code: 'calls.splice?.(0) ?? []', without: 'calls' }
  const hook: Defence = { file: 'script.ts', code: 'calls.push = replay as never', without: '' }
  const pages: [name: string, wrap: string, defences: Defence[] | string][] = [
    [
      'in a proxy that changes nothing',
      'UserCom = new Proxy(UserCom, {})',
      'the list is the same through a proxy',
    ],
    [
      'in a proxy that turns calls into push',
      `${pushing}; UserCom = outer`,
      'the script takes its place before it replays',
    ],
    [
      'in a proxy that turns calls into push, for good',
      `${pushing}; Object.defineProperty(window, 'UserCom', { get: () => outer, set() {} })`,
      [hook, replay],
    ],
    [
      'in a proxy that nothing can be put in the place of',
      `${pushing}; Object.defineProperty(window, 'UserCom', { get: () => outer })`,
      [hook, replay, assign],
    ],
  ]
  for (const [name, wrap, defences] of pages)
    hardPage(name, defences, async () => {
      const head = aroundStub(site, '').replace('<script>window.kept', `<script>{ ${wrap} }</script>$&`)
      await expectAsUsual(site, await site.open({ head }))
    })

  hardPage('in a proxy, and the visitor leaves: what was sent is not sent again', [takeAway], async () => {
    const head = aroundStub(site, '').replace(
      '<script>window.kept',
      `<script>UserCom = new Proxy(UserCom, {})</script>$&`,
    )
    const page = await site.open({ head })
    await expectAsUsual(site, page)
    await page.goto(site.pages.add('/next', { head: site.head() }))
    await page.evaluate(() => UserCom.identify({ email: 'next@example.org' }))
    expect(emails()).toEqual(['early@example.org', 'late@example.org', 'next@example.org'])
  })
})
