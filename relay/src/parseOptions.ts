import { createAllowance } from './createAllowance.js'
import type { KnownEmail } from './createDelivery.js'
import { createSecret } from './createSecret.js'
import { parseTokenSecrets } from './parseTokenSecrets.js'
import type { OptionProblem, RelayOptions, RelaySettings, Verification } from './relayOptions.js'

/** Fields of a User.com user that decide how the app treats someone: not a visitor's to set. */
const steeringFields = new Set(['score', 'status', 'assigned_to', 'unsubscribed', 'notifications'])

const knownEmails: readonly KnownEmail[] = ['add-tags', 'leave', 'update', 'create']

/** What bundlers copy into pages: a key there is public, whatever the relay does. */
const publishedVariable =
  /^(?:NEXT_PUBLIC|NUXT_PUBLIC|PUBLIC|VITE|REACT_APP|VUE_APP|GATSBY|EXPO_PUBLIC|STORYBOOK|PREACT_APP|RAZZLE|SNOWPACK_PUBLIC|NG_APP|TARO_APP|PARCEL|SAPPER_APP)_/i

type Environment = Readonly<Record<string, string | undefined>>
const processEnvironment = (): Environment =>
  (globalThis as { process?: { env?: Environment } }).process?.env ?? {}

const publishedVariables = (environment: Environment, secret: string): string[] =>
  Object.keys(environment).filter(
    (name) => publishedVariable.test(name) && environment[name]?.includes(secret),
  )

const isLoopback = (hostname: string) =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)

const parseUrl = (text: string): URL | undefined => {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

const isOrigin = (text: unknown): text is string => {
  if (typeof text !== 'string' || text.includes('*')) return false
  const url = parseUrl(text)
  return !!url && (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === text.toLowerCase()
}

/** Checks every option and reports every problem. `settings` is there only where there is none. */
export const parseOptions = (
  options: RelayOptions,
  environment: Environment = processEnvironment(),
): { settings?: RelaySettings; problems: OptionProblem[] } => {
  const problems: OptionProblem[] = []
  // From JavaScript anything can be there, so nothing is believed of the types.
  const given: { readonly [name in keyof RelayOptions]?: unknown } = options ?? {}
  const refuse = (option: keyof RelayOptions, message: string) => void problems.push({ option, message })

  const wholeNumber = (option: keyof RelayOptions, fallback: number, least: number, most: number): number => {
    const value = given[option] ?? fallback
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    refuse(option, `must be a whole number from ${least} to ${most}`)
    return fallback
  }
  const list = (option: keyof RelayOptions, fallback: readonly string[]): readonly unknown[] => {
    const value = given[option] ?? fallback
    if (Array.isArray(value)) return value
    refuse(option, 'must be a list')
    return fallback
  }

  const subdomain = typeof given.subdomain === 'string' ? given.subdomain.toLowerCase() : ''
  const isSubdomain = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/.test(subdomain)
  if (given.subdomain === undefined || given.subdomain === '') refuse('subdomain', 'is missing')
  else if (!isSubdomain)
    refuse('subdomain', 'must be the name before .user.com alone: letters, digits and inner dashes')

  const apiKey = typeof given.apiKey === 'string' ? given.apiKey : ''
  if (!apiKey) refuse('apiKey', 'is missing')
  else if (!/^[a-z\d]{64}$/i.test(apiKey)) refuse('apiKey', 'must be 64 letters and digits')

  const tokenSecrets = parseTokenSecrets(given.tokenSecret, apiKey, (message) =>
    refuse('tokenSecret', message),
  )
  const verifications: readonly Verification[] = tokenSecrets.length ? ['off', 'prefer', 'enforce'] : ['off']
  const verification = verifications.find(
    (name) => name === (given.verification ?? (tokenSecrets.length ? 'prefer' : 'off')),
  )
  if (!verification)
    refuse('verification', 'must be off, prefer or enforce; without a tokenSecret it can only be off')

  for (const [option, value] of [
    ['apiKey', apiKey] as const,
    ...tokenSecrets.map(({ secret }) => ['tokenSecret', secret.reveal()] as const),
  ])
    for (const name of value ? publishedVariables(environment, value) : [])
      refuse(
        option,
        `is also in ${name}, which bundlers copy into pages: remove it there, then make a new one`,
      )

  const apiUrl = parseUrl(
    given.apiUrl === undefined
      ? `https://${isSubdomain ? subdomain : 'missing'}.user.com/api/public/`
      : String(given.apiUrl),
  )
  // The parsed URL is looked at, never the text: `https://evil.com#.user.com` ends well, and leads to evil.com.
  if (!apiUrl) refuse('apiUrl', 'must be an absolute URL')
  else if (apiUrl.protocol !== 'https:' && !(apiUrl.protocol === 'http:' && isLoopback(apiUrl.hostname)))
    refuse('apiUrl', 'must be https:, or http: to loopback: the key travels with each call')
  else if (apiUrl.username || apiUrl.password || apiUrl.search || apiUrl.hash)
    refuse('apiUrl', 'must have no user name, password, query or fragment')
  else if (!apiUrl.pathname.endsWith('/')) apiUrl.pathname += '/'

  const allowedOrigins = list('allowedOrigins', [])
  allowedOrigins.forEach((origin, index) => {
    if (!isOrigin(origin))
      refuse(
        'allowedOrigins',
        `number ${index + 1} is not an origin: scheme, host and port alone, such as https://www.example.com, no path, no wildcard`,
      )
  })

  const allowedAttributes = list('allowedAttributes', ['*'])
  allowedAttributes.forEach((name, index) => {
    if (typeof name !== 'string' || !name.trim())
      refuse('allowedAttributes', `number ${index + 1} is not a name`)
  })
  const allowedNames = new Set(allowedAttributes)

  const knownEmail = knownEmails.find((name) => name === (given.knownEmail ?? 'add-tags'))
  if (!knownEmail) refuse('knownEmail', `must be one of ${knownEmails.join(', ')}`)

  const { outbox } = given
  if (outbox !== undefined && outbox !== 'memory:' && typeof outbox !== 'object')
    refuse('outbox', 'must be memory: or an outbox that was opened')

  for (const option of ['authorize', 'createAllowance', 'report', 'fetch', 'Response'] as const)
    if (given[option] !== undefined && typeof given[option] !== 'function')
      refuse(option, 'must be a function')

  const upstreamPerSecond = wholeNumber('upstreamPerSecond', 10, 1, 1_000)
  const settings = {
    apiKey: createSecret(apiKey),
    allowedOrigins: new Set(allowedOrigins.filter(isOrigin).map((origin) => origin.toLowerCase())),
    isAllowedAttribute: (name: string) =>
      allowedNames.has(name) || (allowedNames.has('*') && !steeringFields.has(name)),
    outbox: outbox as RelaySettings['outbox'],
    tokenSecrets,
    authorize: options?.authorize,
    upstreamPerSecond,
    clientPerMinute: wholeNumber('clientPerMinute', 60, 1, 1_000_000),
    unverifiedPerHour: wholeNumber('unverifiedPerHour', upstreamPerSecond * 3_600, 1, 1_000_000_000),
    createAllowance: options?.createAllowance ?? createAllowance,
    trustProxy: wholeNumber('trustProxy', 0, 0, 32),
    maxOutbox: wholeNumber('maxOutbox', 1_000_000, 1, 1_000_000_000),
    report: options?.report ?? (() => {}),
    Response: options?.Response ?? globalThis.Response,
    fetch: options?.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  }
  return problems.length || !apiUrl || !knownEmail || !verification
    ? { problems }
    : { settings: { ...settings, apiUrl, knownEmail, verification }, problems }
}
