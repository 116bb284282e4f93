import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect } from 'vitest'
import type { Defence } from '../support/buildWithout'
import { aroundStub } from '../support/expectAsUsual'
import { patchedPages } from '../support/patchedPages'
import { useHardPages } from '../support/useHardPages'
import { useSite } from '../support/useSite'

const site = useSite()
const hardPage = useHardPages(site)

const prototypeJs = readFileSync(new URL('../support/prototype.js', import.meta.url), 'utf8')
const zoneJs = readFileSync(createRequire(import.meta.url).resolve('zone.js'), 'utf8')

const noList = { file: 'attributes/parseAttributes.ts', code: 'const texts = [...parsed]' }
const past: Defence = { file: 'createStore.ts', code: 'return this[key]', without: 'return arguments[1]' }
const fingerprint: Defence = {
  file: 'toFingerprint.ts',
  code: 'for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)',
  without:
    'hash = [...text].reduce((hash, character) => Math.imul(hash ^ character.codePointAt(0)!, 0x01000193), 0)',
}

describe('what a page has done to the language before us', () => {
  patchedPages(site, hardPage, [
    ['Prototype.js 1.6', prototypeJs, [past, fingerprint]],
    ['Zone.js', zoneJs, 'what it puts in place of the platform’s keeps to the standard'],
    [
      'Array.prototype.reduce gives the list',
      `Array.prototype.reduce = function () { return this.length > 1 ? this : this[0] }`,
      [fingerprint],
    ],
    [
      'Array.prototype.flat throws',
      `Array.prototype.flat = () => { throw new Error('flat') }`,
      [{ ...noList, without: 'const texts = [[...parsed]].flat()' }],
    ],
    [
      'Array.prototype.map gives text',
      `Array.prototype.map = () => 'mapped'`,
      [{ ...noList, without: 'const texts = [...parsed].map((text) => text)' }],
    ],
    [
      'Array.prototype.filter counts',
      `Array.prototype.filter = function () { return this.length }`,
      [
        {
          file: 'createClient.ts',
          code: 'return entries.sort(',
          without: 'return entries.filter(Boolean).sort(',
        },
      ],
    ],
    [
      'Array.prototype.some gives nothing',
      `Array.prototype.some = () => {}`,
      [
        {
          file: 'createDelivery.ts',
          code: 'for (const { key } of list()) if (key === entry.key) isWaiting = true',
          without: 'isWaiting = list().some(({ key }) => key === entry.key)',
        },
      ],
    ],
    [
      'Array.prototype.includes gives text',
      `Array.prototype.includes = () => 'no'`,
      [
        {
          file: 'attributes/parseAttributes.ts',
          code: 'refusedNames.has(name)',
          without: '[...refusedNames].includes(name)',
        },
      ],
    ],
    [
      'find, forEach and every of Array.prototype throw, Array.from gives an empty list',
      `for (const name of ['find', 'forEach', 'every']) Array.prototype[name] = () => { throw new Error(name) }
       Array.from = () => []`,
      'it calls none of them',
    ],
    [
      'Array.prototype with enumerable extras',
      `Array.prototype.each = function () {}; Array.prototype.last = 1`,
      'it never goes through a list by for…in',
    ],
    [
      'Object.prototype with enumerable extras, named like attributes',
      `Object.prototype.each = function () {}; Object.prototype.custom = 'x'`,
      [
        { file: 'attributes/fields.ts', code: '__proto__: null as never,', without: '' },
        {
          file: 'attributes/parseAttributes.ts',
          code: '{ __proto__: null as never }',
          without: '{}',
        },
      ],
    ],
    [
      'an old polyfill in place of Promise',
      `window.Promise = (function () {
        function Old(run) {
          var self = this, done = false
          self.waiting = []
          run(function (value) {
            if (done) return
            done = true
            if (value && value.then) value.then(function (inner) { self.settle(inner) })
            else self.settle(value)
          }, function () {})
        }
        Old.prototype.settle = function (value) {
          this.settled = true
          this.value = value
          for (var n = 0; n < this.waiting.length; n++) setTimeout(this.waiting[n], 0, value)
        }
        Old.prototype.then = function (hear) {
          var self = this
          return new Old(function (resolve) {
            function go(value) { resolve(hear ? hear(value) : value) }
            if (self.settled) setTimeout(go, 0, self.value)
            else self.waiting.push(go)
          })
        }
        return Old
      })()`,
      'it waits by await, which takes whatever has a then, and asks no promise for more',
    ],
    [
      'no AbortSignal.timeout and no crypto.randomUUID',
      `delete AbortSignal.timeout; delete Crypto.prototype.randomUUID`,
      [
        { file: 'send.ts', code: 'AbortSignal.timeout?.(', without: 'AbortSignal.timeout(' },
        { file: 'createKey.ts', code: 'randomUUID?.()', without: 'randomUUID()' },
      ],
    ],
  ])

  hardPage(
    'Prototype.js 1.6, and the visitor leaves before the script comes',
    [{ file: 'stub.ts', code: 'Array.isArray(this[name]) ? this[name] : value', without: 'value' }],
    async () => {
      site.relay.serveScript('missing')
      const page = await site.open({ head: aroundStub(site, `<script>${prototypeJs}</script>`) })
      await page.goto(site.pages.add('/after', { body: 'after' }))
      const [post] = await site.relay.waitForPosts(1)
      expect(JSON.parse(post!.body)).toMatchObject({ tags: ['new', 'lead'] })
    },
  )
})
