import { describe, expect } from 'vitest'
import type { Defence } from '../support/buildWithout'
import { aroundStub } from '../support/expectAsUsual'
import { patchedPages } from '../support/patchedPages'
import { useHardPages } from '../support/useHardPages'
import { useSite } from '../support/useSite'

const site = useSite()
const hardPage = useHardPages(site)

const past: Defence = { file: 'createStore.ts', code: 'return this[key]', without: 'return arguments[1]' }

describe('what a page has done to JSON before us', () => {
  patchedPages(site, hardPage, [
    [
      'Array.prototype.toJSON gives text',
      `Array.prototype.toJSON = function () { return '["' + this.join('","') + '"]' }`,
      [past],
    ],
    [
      'Object.prototype.toJSON gives text',
      `Object.defineProperty(Object.prototype, 'toJSON', { value() { return 'object' }, writable: true })`,
      [past],
    ],
    [
      'String.prototype.toJSON gives quoted text',
      `String.prototype.toJSON = function () { return '"' + this + '"' }`,
      'the standard never asks a plain string for its toJSON',
    ],
    [
      'JSON with a stringify and a parse that take one argument',
      `const { parse, stringify } = JSON
     JSON = { parse: (text) => parse(text), stringify: (value) => stringify(value) }`,
      'more is asked of it only where lists have a toJSON',
    ],
  ])

  hardPage(
    'MooTools’ first JSON, which can encode and decode only: calls are refused, aloud, and nothing throws',
    [
      {
        file: 'createClient.ts',
        code: "result = refuse(typeof document === 'undefined' ? 'unavailable' : 'invalid')",
        without: 'throw error',
      },
    ],
    async () => {
      const page = await site.open({
        head: aroundStub(
          site,
          '<script>window.its = JSON; JSON = { encode: its.stringify, decode: its.parse }</script>',
        ),
      })
      await page.waitForFunction(() => 'createClient' in window.UserCom)
      expect(await page.evaluate(() => window.kept.early)).toMatchObject({ ok: false, reason: 'invalid' })
      expect(site.relay.posts).toEqual([])
      expect(site.errors.splice(0)).toEqual([expect.stringContaining('UserCom TypeError')])
    },
  )
})
