import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { readStorage, useSite } from '../support/useSite'

const site = useSite()
const identify = (email: string) => UserCom.identify({ email })
const accepted = { ok: true, status: 'accepted' }

const waitUntilStored = (page: Page, text: string) =>
  page.waitForFunction((text) => JSON.stringify({ ...localStorage }).includes(text), text)

describe('the lead is in storage only while it waits', () => {
  it.each([
    ['accepted', { status: 202 }],
    ['refused', { status: 400 }],
  ])('%s', async (_, reply) => {
    let answer = () => {}
    const gate = new Promise<void>((resolve) => (answer = resolve))
    site.relay.reply(async () => {
      await gate
      return reply
    })
    const page = await site.open()
    const result = page.evaluate(identify, 'lead@example.org')
    await site.relay.waitForPosts(1)
    expect(await readStorage(page)).toContain('lead@example.org')
    answer()
    await result
    const storage = await readStorage(page)
    expect(storage).not.toContain('lead')
    expect(storage).not.toContain('example.org')
  })

  it('expired', async () => {
    site.relay.reply({ status: 503, headers: { 'retry-after': '1' } })
    const page = await site.open()
    const result = await page.evaluate(() => {
      UserCom.init({ maxAgeMs: 1500 })
      return UserCom.identify({ email: 'lead@example.org' })
    })
    expect(result).toEqual({ ok: false, reason: 'expired', issues: [] })
    expect(await readStorage(page)).not.toContain('lead')
  })

  it('the memory of an accepted call is no text of it, and lasts to the next page', async () => {
    const page = await site.open()
    expect(await page.evaluate(identify, 'lead@example.org')).toEqual(accepted)
    const storage = await readStorage(page)
    expect(storage).not.toMatch(/lead|example|JTdCJTIy|eyJ/)
    await page.reload()
    expect(await page.evaluate(identify, 'lead@example.org')).toEqual({ ok: true, status: 'unchanged' })
    expect(site.relay.posts).toHaveLength(1)
  })
})

describe('storage that does not work', () => {
  it.each([
    [
      'every method throws',
      `for (const name of ['getItem', 'setItem', 'removeItem', 'key', 'clear']) Storage.prototype[name] = () => { throw new DOMException('no', 'SecurityError') }`,
    ],
    [
      'the property throws',
      `for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } })`,
    ],
    [
      'the property is null',
      `for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { value: null })`,
    ],
    [
      'the quota is full',
      `try { for (let size = 1 << 22; size > 0; size >>= 1) for (;;) { try { localStorage.setItem('fill' + Math.random(), 'x'.repeat(size)) } catch { break } } } catch {}`,
    ],
  ])('%s: the call is accepted, and the page has no error', async (_, spoil) => {
    const page = await site.open({ head: `<script>${spoil}</script>${site.head()}` })
    expect(await page.evaluate(identify, 'a@example.org')).toEqual(accepted)
    expect(await page.evaluate(identify, 'a@@example.org')).toMatchObject({ ok: false, reason: 'invalid' })
    expect(site.relay.posts).toHaveLength(1)
  })

  it.each([
    '',
    '{',
    'null',
    '[]',
    '[null]',
    '[[1,2,3]]',
    '{"a":1}',
    '7',
    '"text"',
    '[{"id":1}]',
    '[{"id":"x","body":{},"at":"no"}]',
    '\u0000\ud800',
  ])('holds rubbish under our keys: %j', async (rubbish) => {
    site.relay.reply({ status: 503, headers: { 'retry-after': '3600' } })
    const page = await site.open()
    await page.evaluate(() => void UserCom.identify({ email: 'old@example.org' }))
    await waitUntilStored(page, 'old@example.org')
    await site.relay.waitForPosts(1)
    const keys = await page.evaluate((rubbish) => {
      const keys = [...Object.keys(localStorage)]
      for (const key of keys) localStorage.setItem(key, rubbish)
      return keys
    }, rubbish)
    expect(keys.length).toBeGreaterThan(0)
    await page.close()
    site.relay.reply({ status: 202 })
    const next = await site.open()
    // Closing the page may have written what waits back: then that arrives too.
    expect(await next.evaluate(identify, 'new@example.org')).toEqual(accepted)
  })
})

describe('bounds', () => {
  it('the 51st waiting call is full', async () => {
    site.relay.reply({ status: 503, headers: { 'retry-after': '3600' } })
    const page = await site.open()
    const last = await page.evaluate(() => {
      for (let n = 0; n < 50; n++) void UserCom.identify({ email: `n${n}@example.org` })
      return UserCom.identify({ email: 'last@example.org' })
    })
    expect(last).toEqual({ ok: false, reason: 'full', issues: [] })
    expect(await readStorage(page)).not.toContain('last@')
  })

  it('more than 64 KiB waiting is full', async () => {
    site.relay.reply({ status: 503, headers: { 'retry-after': '3600' } })
    const page = await site.open()
    const results = await page.evaluate(() =>
      Promise.race([
        Promise.all(
          [0, 1, 2].map((n) => UserCom.identify({ email: `n${n}@example.org`, note: 'x'.repeat(30_000) })),
        ),
        UserCom.identify({ email: 'x@example.org', note: 'x'.repeat(30_000) }),
      ]),
    )
    expect(results).toEqual({ ok: false, reason: 'full', issues: [] })
  })
})
