import { createHash } from 'node:crypto'
import { describe, expect } from 'vitest'
import type { Defence } from '../support/buildWithout'
import { aroundScript, aroundStub, expectAsUsual } from '../support/expectAsUsual'
import { useHardPages } from '../support/useHardPages'
import { useSite } from '../support/useSite'

const site = useSite()
const hardPage = useHardPages(site)

describe('a strict Content-Security-Policy with Trusted Types', () => {
  // Nothing is there for its sake: what would break it is put in, to see that these tests notice.
  const noEval: Defence[] = [
    {
      file: 'createKey.ts',
      code: 'globalThis.crypto?.randomUUID?.()',
      without: "(0, eval)('crypto.randomUUID()')",
    },
    {
      file: 'script.ts',
      code: 'return { ...options, debug',
      without: "document.createElement('p').innerHTML = '<b></b>'; return { ...options, debug",
    },
  ]
  const policy = (sources: string) => ({
    'content-security-policy': `default-src 'none'; img-src data:; script-src ${sources}; connect-src ${site.relay.origin}; require-trusted-types-for 'script'; trusted-types 'none'`,
  })
  const hashes = (head: string) =>
    [...head.matchAll(/<script>([^<]*)<\/script>/g)]
      .map(([, text]) => `'sha256-${createHash('sha256').update(text!).digest('base64')}'`)
      .join(' ')

  for (const [name, toHead] of [
    ['with a stub', aroundStub],
    ['with the script alone', aroundScript],
  ] as const) {
    hardPage(`by hash, ${name}`, noEval, async () => {
      const head = toHead(site, '')
      await expectAsUsual(
        site,
        await site.open({ head, headers: policy(`${hashes(head)} ${site.relay.origin}`) }),
      )
    })
    hardPage(`by nonce, ${name}`, noEval, async () => {
      const head = toHead(site, '').replaceAll('<script', '<script nonce="n0nce"')
      await expectAsUsual(site, await site.open({ head, headers: policy(`'nonce-n0nce'`) }))
    })
  }
})

describe('a sandboxed frame, whose origin is none', () => {
  const storage: Defence = {
    file: 'createStore.ts',
    code: `texts = attempt(() =>
        kind === 'local' ? localStorage : kind === 'session' ? sessionStorage : undefined,
      )`,
    without: `texts = kind === 'local' ? localStorage : undefined`,
  }
  const locks: Defence = {
    file: 'createDelivery.ts',
    code: 'tabs may both try, and the idempotency key makes it one.\n      go()',
    without: '',
  }
  const openFramed = async (head: string) => {
    site.pages.add('/framed', { head })
    const page = await site.open({
      head: '',
      body: '<iframe sandbox="allow-scripts" src="/framed"></iframe>',
    })
    const frame = page.frame({ url: /framed$/ })!
    expect(await frame.evaluate(() => origin)).toBe('null')
    return frame
  }

  for (const [name, toHead] of [
    ['with a stub', aroundStub],
    ['with the script alone', aroundScript],
  ] as const)
    hardPage(`${name}: the relay takes its calls`, [storage, locks], async () => {
      await expectAsUsual(site, await openFramed(toHead(site, '')))
      expect(site.relay.posts.map(({ headers }) => headers.origin)).toEqual(['null', 'null'])
    })

  hardPage('the relay refuses it: the call is rejected', [storage, locks], async () => {
    site.relay.reply({ status: 403 })
    const frame = await openFramed(aroundStub(site, ''))
    expect(await frame.evaluate(() => window.kept.early)).toMatchObject({ ok: false, reason: 'rejected' })
    expect(site.relay.posts).toHaveLength(1)
  })
})
