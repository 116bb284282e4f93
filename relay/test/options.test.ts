import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createSecret } from '../src/createSecret.js'
import { createRelay, RelayOptionsError } from '../src/index.js'
import { parseOptions } from '../src/parseOptions.js'
import type { RelayOptions } from '../src/relayOptions.js'
import { apiKey } from './support/startRelay.js'

const good: RelayOptions = { subdomain: 'acme', apiKey }

const problemsOf = (options: unknown, environment = {}) =>
  parseOptions(options as RelayOptions, environment).problems.map(({ option }) => option)

describe('what is taken', () => {
  it('makes the documented base of the subdomain', () => {
    expect(parseOptions(good, {}).settings?.apiUrl.href).toBe('https://acme.user.com/api/public/')
  })

  it.each([
    'https://proxy.example/usercom/',
    'http://127.0.0.1:8080',
    'http://localhost:1/x',
    'http://[::1]/',
  ])('another base: %s', (apiUrl) => {
    expect(problemsOf({ ...good, apiUrl })).toEqual([])
    expect(parseOptions({ ...good, apiUrl }, {}).settings?.apiUrl.href).toMatch(/\/$/)
  })

  it.each([
    'https://a.example',
    'http://localhost:3000',
    'https://a.example:8443',
    'https://xn--mller-kva.de',
  ])('an origin: %s', (origin) => expect(problemsOf({ ...good, allowedOrigins: [origin] })).toEqual([]))
})

describe('what is refused', () => {
  it.each<[string, object]>([
    ['apiKey', { apiKey: 'short' }],
    ['apiKey', { apiKey: `${'a'.repeat(63)}-` }],
    ['apiKey', { apiKey: 'a'.repeat(65) }],
    ['apiKey', { apiKey: '' }],
    ['apiKey', { apiKey: 64 }],
    ['subdomain', { subdomain: '' }],
    ['subdomain', { subdomain: 'acme.user.com' }],
    ['subdomain', { subdomain: 'evil.com#' }],
    ['subdomain', { subdomain: 'a/b' }],
    ['subdomain', { subdomain: '-acme' }],
    ['subdomain', { subdomain: 'user:pw@evil' }],
    ['apiUrl', { apiUrl: 'http://acme.user.com/api/public/' }],
    ['apiUrl', { apiUrl: 'http://127.0.0.1.evil.com/' }],
    ['apiUrl', { apiUrl: 'http://localhost.evil.com/' }],
    ['apiUrl', { apiUrl: 'https://evil.com#.user.com' }],
    ['apiUrl', { apiUrl: 'https://x.user.com@evil.com/' }],
    ['apiUrl', { apiUrl: 'ftp://acme.user.com/' }],
    ['apiUrl', { apiUrl: 'acme.user.com' }],
    ['apiUrl', { apiUrl: '' }],
    ['allowedOrigins', { allowedOrigins: ['*'] }],
    ['allowedOrigins', { allowedOrigins: ['null'] }],
    ['allowedOrigins', { allowedOrigins: ['https://*.example.com'] }],
    ['allowedOrigins', { allowedOrigins: ['example.com'] }],
    ['allowedOrigins', { allowedOrigins: ['https://example.com/'] }],
    ['allowedOrigins', { allowedOrigins: ['https://example.com/page'] }],
    ['allowedOrigins', { allowedOrigins: ['file:///x'] }],
    ['allowedOrigins', { allowedOrigins: 'https://example.com' }],
    ['allowedAttributes', { allowedAttributes: [''] }],
    ['knownEmail', { knownEmail: 'overwrite' }],
    ['upstreamPerSecond', { upstreamPerSecond: 0 }],
    ['upstreamPerSecond', { upstreamPerSecond: Number.NaN }],
    ['clientPerMinute', { clientPerMinute: 1.5 }],
    ['trustProxy', { trustProxy: true }],
    ['trustProxy', { trustProxy: -1 }],
    ['maxOutbox', { maxOutbox: '10' }],
  ])('%s: %o', (option, wrong) => {
    expect(problemsOf({ ...good, ...wrong })).toEqual([option])
  })

  it('reports everything at once, one line each, and shows no value', () => {
    const wrong = {
      subdomain: 'not a subdomain',
      apiKey: 'not-a-key-but-secret',
      allowedOrigins: ['wrong-one', 'https://fine.example', 'wrong-two'],
      trustProxy: 1_234_567,
    }
    expect.assertions(3)
    try {
      createRelay(wrong)
    } catch (error) {
      const { message, problems } = error as RelayOptionsError
      expect(problems.map(({ option }) => option)).toEqual([
        'subdomain',
        'apiKey',
        'allowedOrigins',
        'allowedOrigins',
        'trustProxy',
      ])
      expect(message.split('\n')).toHaveLength(5)
      expect(message).not.toMatch(/not a sub|secret|wrong-|1_?234/)
    }
  })

  it.each([
    'NEXT_PUBLIC_KEY',
    'VITE_USERCOM',
    'PUBLIC_API_KEY',
    'REACT_APP_KEY',
    'NUXT_PUBLIC_X',
    'EXPO_PUBLIC_X',
  ])('a key that is also in %s, which bundlers copy into pages', (name) => {
    const { problems } = parseOptions(good, { [name]: `Token ${apiKey}` })
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toContain(name)
    expect(problems[0]?.message).not.toContain(apiKey)
    expect(parseOptions(good, { USERCOM_API_KEY: apiKey, [name]: 'else' }).problems).toEqual([])
  })
})

it('the key prints as [secret], wherever it is printed', () => {
  const { settings } = parseOptions(good, {})
  const secret = createSecret(apiKey)
  const printed = [
    `${String(secret)}`,
    secret.toString(),
    '' + (secret as unknown as string),
    JSON.stringify({ secret, settings }),
    inspect({ secret, settings }, { depth: 9, showHidden: true }),
    inspect(secret, { customInspect: true }),
    new Error(String(settings?.apiKey)).stack ?? '',
  ]
  for (const text of printed) {
    expect(text).toContain('[secret]')
    expect(text).not.toContain(apiKey)
  }
  expect(Object.keys(secret).map((name) => String(secret[name as keyof typeof secret]))).not.toContain(apiKey)
})
