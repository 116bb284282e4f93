import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startPages, stub } from '../support/startPages'
import { startRecordingRelay, type RecordingRelay } from '../support/startRecordingRelay'
import type { Engine, Tab } from './Engine'
import seenFeatures from './features.json'
import { features, type SeenFeatures } from './features'
import { startChromium } from './startChromium'
import { startFirefox } from './startFirefox'
import { startWebKit } from './startWebKit'

const engines = { chromium: startChromium, firefox: startFirefox, webkit: startWebKit }
const accepted = { ok: true, status: 'accepted' }

/** How a page gets the snippet: as a marketer pastes it, and as a bundler's user imports it. */
const builds = {
  umd: (relay: RecordingRelay) =>
    `<script>${stub()}</script><script async src="${relay.origin}/usercom.js"></script>`,
  esm: (relay: RecordingRelay) =>
    `<script type="module">
      import * as UserCom from '/dist/index.js'
      UserCom.init({ endpoint: '${relay.origin}/identify' })
      window.UserCom = UserCom
    </script>`,
}

describe.each(Object.entries(engines))('%s', (_, start) => {
  let engine: Engine
  let pages: Awaited<ReturnType<typeof startPages>>
  let relay: RecordingRelay
  let tabs: Tab[]

  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine.close())
  beforeEach(async () => {
    tabs = []
    pages = await startPages()
    relay = await startRecordingRelay()
  })
  afterEach(async () => {
    for (const tab of tabs) {
      expect(await tab.evaluate('window.pageErrors ?? []')).toEqual([])
      await tab.close()
    }
    await Promise.all([pages.close(), relay.stop()])
  })

  it('has the features that the README says', async () => {
    const tab = await engine.open(pages.add('/', {}))
    tabs.push(tab)
    const has: Record<string, boolean> = {}
    for (const [name, expression] of features) has[name] = await tab.evaluate<boolean>(expression)
    expect(has).toEqual((seenFeatures as SeenFeatures)[engine.name])
  })

  describe.each(Object.entries(builds))('%s', (_, toHead) => {
    // Ports are new for each test, and with them the origin: what one test stores, no other sees.
    const watch = `<script>
      window.pageErrors = []
      addEventListener('error', (event) => pageErrors.push(String(event.message)))
      addEventListener('unhandledrejection', (event) => pageErrors.push(String(event.reason)))
    </script>`
    const addPage = (path: string, before = '') => pages.add(path, { head: watch + before + toHead(relay) })
    async function open(before = ''): Promise<Tab> {
      const tab = await engine.open(addPage('/', before))
      tabs.push(tab)
      return tab
    }
    const bodies = () => relay.posts.map((post) => post.body)
    const storage = `JSON.stringify([{ ...localStorage }, { ...sessionStorage }])`

    it('sends one request without a preflight, trimmed, as the documented JSON', async () => {
      const tab = await open()
      const call = `UserCom.identify({ email: ' john@example.org ', first_name: ' John ', tags: [' new ', 'new', ''] })`
      expect(await tab.evaluate(call)).toEqual(accepted)
      expect(bodies()).toEqual(['{"email":"john@example.org","first_name":"John","tags":["new"]}'])
      expect(relay.posts[0]!.headers['content-type']).toMatch(/^text\/plain;\s*charset=utf-8$/i)
      expect(relay.others.filter((other) => other.method === 'OPTIONS')).toEqual([])
    })

    it('checks as everywhere: international emails, code points, lone surrogates', async () => {
      const tab = await open()
      const codes = await tab.evaluate<string[]>(`Promise.all([
        { email: 'user@müller.de' }, { email: 'a@b' }, { email: 'a@@b.co' },
        { first_name: '😀'.repeat(40) }, { first_name: '😀'.repeat(41) }, { last_name: '\\ud800' },
      ].map((attributes) => UserCom.identify(attributes).then((result) => result.ok ? 'ok' : result.issues[0].code)))`)
      expect(codes).toEqual(['ok', 'email', 'email', 'ok', 'max_length', 'characters'])
    })

    it('cuts names where it is asked to, never inside a character', async () => {
      const tab = await open()
      await tab.evaluate(
        `(UserCom.init({ tooLong: 'truncate' }), UserCom.identify({ first_name: '👨‍👩‍👧'.repeat(9) }))`,
      )
      expect(JSON.parse(bodies()[0]!)).toEqual({ first_name: '👨‍👩‍👧'.repeat(8) })
    })

    it('sends nothing for what is unchanged, also on the next page', async () => {
      const tab = await open()
      const call = `UserCom.identify({ email: 'same@example.org' })`
      expect(await tab.evaluate(call)).toEqual(accepted)
      await tab.goto(addPage('/next'))
      expect(await tab.evaluate(call)).toEqual({ ok: true, status: 'unchanged' })
      expect(relay.posts).toHaveLength(1)
      expect(await tab.evaluate(storage)).not.toContain('same')
    })

    it('ends as rejected with the relay’s issues', async () => {
      const issues = [{ field: 'email', code: 'email', message: 'no' }]
      relay.reply({ status: 400, body: JSON.stringify({ issues }) })
      const tab = await open()
      expect(await tab.evaluate(`UserCom.identify({ email: 'a@example.org' })`)).toEqual({
        ok: false,
        reason: 'rejected',
        issues,
      })
    })

    it('tries again after Retry-After, with the same key', async () => {
      relay.reply((_, n) => (n === 1 ? { status: 503, headers: { 'retry-after': '1' } } : { status: 202 }))
      const tab = await open()
      expect(await tab.evaluate(`UserCom.identify({ email: 'a@example.org' })`)).toEqual(accepted)
      expect(new Set(relay.posts.map((post) => post.i)).size).toBe(1)
      expect(relay.posts[1]!.at - relay.posts[0]!.at).toBeGreaterThanOrEqual(990)
    })

    it('brings from the next page what waited on this one, and forgets it then', async () => {
      relay.reply({ status: 503, headers: { 'retry-after': '1' } })
      const tab = await open()
      await tab.evaluate(`void UserCom.identify({ email: 'waiting@example.org' })`)
      await relay.waitForPosts(1)
      relay.reply({ status: 202 })
      await tab.goto(addPage('/next'))
      await relay.waitForPosts(2)
      const gone = `new Promise((done) => { (function look() { (${storage}).includes('waiting') ? setTimeout(look, 20) : done(true) })() })`
      expect(await tab.evaluate(gone)).toBe(true)
      expect(new Set(relay.posts.map((post) => post.i)).size).toBe(1)
    })

    it('arrives when the visitor leaves at once', async () => {
      const tab = await open()
      const after = pages.add('/after', { body: 'after' })
      for (let run = 0; run < 5; run++) {
        await tab.goto(addPage('/'))
        await tab.evaluate(`void UserCom.identify({ email: 'run${run}@example.org' })`)
        await tab.goto(after)
        await relay.waitForPosts(run + 1)
      }
      expect(new Set(bodies()).size).toBe(5)
    })

    it('works where storage throws', async () => {
      const tab = await open(
        `<script>for (const name of ['getItem', 'setItem', 'removeItem']) Storage.prototype[name] = () => { throw new Error('no') }</script>`,
      )
      expect(await tab.evaluate(`UserCom.identify({ email: 'a@example.org' })`)).toEqual(accepted)
    })

    it('waits for consent, and keeps nothing until then', async () => {
      const tab = await open()
      await tab.evaluate(
        `(UserCom.init({ consent: 'required' }), void (window.call = UserCom.identify({ email: 'shy@example.org' })))`,
      )
      await tab.evaluate(`UserCom.flush()`)
      expect(await tab.evaluate(storage)).not.toContain('shy')
      expect(relay.posts).toHaveLength(0)
      expect(await tab.evaluate(`(UserCom.consent(true), window.call)`)).toEqual(accepted)
    })

    it('never throws and never rejects', async () => {
      const tab = await open()
      const kinds = await tab.evaluate<string[]>(`Promise.all([
        undefined, null, 1n, Symbol('s'), () => {}, [], new Array(4294967295), { get email() { throw new Error('no') } },
        new Proxy({}, { ownKeys() { throw new Error('no') } }), JSON.parse('{"__proto__":{"polluted":1}}'),
      ].map((value) => UserCom.identify(value, value).then((result) => result.reason)))`)
      expect(new Set(kinds)).toEqual(new Set(['invalid']))
      expect(await tab.evaluate(`'polluted' in {}`)).toBe(false)
    })
  })
})
