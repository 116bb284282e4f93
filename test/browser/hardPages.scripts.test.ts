import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect } from 'vitest'
import { buildFolder } from '../support/build'
import type { Defence } from '../support/buildWithout'
import { aroundScript, aroundStub, expectAsUsual } from '../support/expectAsUsual'
import { stub } from '../support/startPages'
import { useHardPages } from '../support/useHardPages'
import { useSite } from '../support/useSite'

const site = useSite()
const hardPage = useHardPages(site)

const emails = () => site.relay.posts.map(({ body }) => (JSON.parse(body) as { email: string }).email)
const accepted = { ok: true, status: 'accepted' }

describe('two versions of the script', () => {
  const firstWins: Defence = {
    file: 'script.ts',
    code: 'stub?.createClient?.call ? stub : install()',
    without: 'install()',
  }

  /** Another version: what it sends says so. */
  const serveOther = () =>
    site.context.route('**/other.js', (route) => {
      const [head, ...rest] = readFileSync(buildFolder() + 'usercom.umd.js', 'utf8').split('?i=')
      expect(rest).toHaveLength(1)
      return route.fulfill({ contentType: 'text/javascript', body: [head, ...rest].join('?v=2&i=') })
    })

  hardPage('one after the other: the first keeps its settings and all calls', [firstWins], async () => {
    await serveOther()
    const page = await site.open({
      head: `${aroundScript(site, '')}
        <script>UserCom.init({ endpoint: '${site.relay.origin}/own' }); window.first = UserCom</script>
        <script src="${site.relay.origin}/other.js"></script>`,
    })
    await expectAsUsual(site, page)
    expect(await page.evaluate(`first === UserCom`)).toBe(true)
    expect(site.relay.posts.map(({ path }) => path)).toEqual(['/own', '/own'])
  })

  hardPage(
    'both async, with a stub: whichever comes first sends what was recorded, once',
    'the first one takes the stub’s list away',
    async () => {
      await serveOther()
      const page = await site.open({
        head: aroundStub(site, '', `<script async src="${site.relay.origin}/other.js"></script>`),
      })
      await page.waitForLoadState('load')
      await expectAsUsual(site, page)
    },
  )

  hardPage(
    'one as a module beside the script: the same call by both is sent once, and both hear of it',
    [
      {
        file: 'createClient.ts',
        code: "dispatchEvent(new StorageEvent('storage', { key, newValue: toJson(result) }))",
        without: '',
      },
    ],
    async () => {
      const page = await site.open()
      await page.waitForFunction(() => 'createClient' in window.UserCom)
      const results = await page.evaluate((endpoint) => {
        const other = UserCom.createClient({ endpoint })
        const clients = [UserCom, other, other, UserCom]
        return Promise.all(clients.map((client, n) => client.identify({ email: `${n >> 1}@example.org` })))
      }, `${site.relay.origin}/identify`)
      expect(results).toEqual([
        accepted,
        { ok: true, status: 'unchanged' },
        accepted,
        { ok: true, status: 'unchanged' },
      ])
      expect(emails()).toEqual(['0@example.org', '1@example.org'])
    },
  )
})

describe('RequireJS', () => {
  const requireJs = readFileSync(createRequire(import.meta.url).resolve('requirejs/require.js'), 'utf8')
  const requireTag = `<script>${requireJs}</script><script>
    window.moduleErrors = []
    requirejs.onError = (error) => moduleErrors.push(error.message)
  </script>`
  const defences: Defence[] = [
    { file: 'script.ts', code: "define('UserCom', () => UserCom)", without: 'define(() => UserCom)' },
    {
      file: 'script.ts',
      code: "Reflect.set(page, 'UserCom', UserCom)",
      without: "typeof define === 'function' || Reflect.set(page, 'UserCom', UserCom)",
    },
  ]
  const pages: [name: string, head: () => string, defences: Defence[] | string][] = [
    ['before stub and script', () => aroundStub(site, requireTag), defences],
    ['before the script alone', () => aroundScript(site, requireTag), defences],
    [
      'after both',
      () => aroundScript(site, `<script>${stub()}</script>`) + requireTag,
      'the script is there before it',
    ],
  ]
  for (const [name, head, defences] of pages)
    hardPage(`${name}: the global is there, and RequireJS sees no error`, defences, async () => {
      const page = await site.open({ head: head() })
      await expectAsUsual(site, page)
      expect(await page.evaluate(`new Promise((done) => requirejs([], () => done(moduleErrors)))`)).toEqual(
        [],
      )
    })
})
