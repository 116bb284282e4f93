import { describe, expect } from 'vitest'
import type { Defence } from '../support/buildWithout'
import { aroundStub, expectAsUsual } from '../support/expectAsUsual'
import { useHardPages } from '../support/useHardPages'
import { useSite } from '../support/useSite'

const site = useSite()
const hardPage = useHardPages(site)

const script = () => `<script src="${site.relay.origin}/usercom.js"></script>`
const caught: Defence = {
  file: 'send.ts',
  code: '} catch {\n    return\n  }',
  without: '} catch (error) {\n    throw error\n  }',
}

describe('a fetch of the page’s own that does not work', () => {
  for (const [name, patch] of [
    ['throws at once', `fetch = () => { throw new TypeError('no') }`],
    ['gives nothing', `fetch = () => {}`],
    ['gives a promise of nothing', `fetch = async () => {}`],
    ['rejects', `fetch = () => Promise.reject(new TypeError('no'))`],
    ['is missing', `fetch = undefined`],
  ])
    hardPage(`fetch ${name}: the call waits, and the next page delivers it`, [caught], async () => {
      const page = await site.open({ head: `<script>${patch}</script>${script()}` })
      await page.evaluate(() => {
        void UserCom.identify({ email: 'waits@example.org' })
        return UserCom.flush()
      })
      expect(site.relay.posts).toEqual([])
      await page.goto(site.pages.add('/next', { head: script() }))
      expect(await page.evaluate(() => UserCom.identify({ email: 'next@example.org' }))).toMatchObject({
        ok: true,
      })
      expect(site.relay.posts.map(({ body }) => body)).toEqual([
        '{"email":"waits@example.org"}',
        '{"email":"next@example.org"}',
      ])
    })
})

describe('a fetch of the page’s own that works', () => {
  const pages: [name: string, patch: string, defences: Defence[] | string][] = [
    [
      'keeps a log, and reads a copy of each answer',
      `const its = fetch
       fetch = function (...args) {
         const answer = its.apply(this, args)
         answer.then((response) => response.clone().text())
         return answer
       }`,
      'it reads its own copy to the end',
    ],
    [
      'reads each answer itself',
      `const its = fetch
       fetch = async (...args) => {
         const response = await its(...args)
         await response.text()
         return response
       }`,
      [{ file: 'send.ts', code: '.json().catch(() => {})', without: '.text()' }],
    ],
    [
      'takes Request objects apart',
      `const its = fetch
       fetch = (input, options) => its(new Request(input, options).clone())`,
      'it hands over an address and plain options',
    ],
    [
      'is an old polyfill on XMLHttpRequest',
      `fetch = (url, { method, headers, body }) => new Promise((resolve, reject) => {
         const request = new XMLHttpRequest()
         request.open(method, url)
         for (const name in headers) request.setRequestHeader(name, headers[name])
         request.onerror = reject
         request.onload = () => resolve({
           ok: request.status < 300,
           status: request.status,
           headers: { get: (name) => request.getResponseHeader(name) },
           json: async () => JSON.parse(request.responseText),
         })
         request.send(body)
       })`,
      'it asks an answer for ok, status, one header and JSON alone',
    ],
  ]
  for (const [name, patch, defences] of pages)
    hardPage(`fetch ${name}`, defences, async () => {
      await expectAsUsual(site, await site.open({ head: aroundStub(site, `<script>${patch}</script>`) }))
    })
})
