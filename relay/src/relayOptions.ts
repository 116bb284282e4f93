import type { Authorize } from './authorize.js'
import type { CreateAllowance } from './createAllowance.js'
import type { KnownEmail } from './createDelivery.js'
import type { Secret } from './createSecret.js'
import type { TokenSecret } from './createTokenCheck.js'
import type { Outbox } from './outbox.js'
import type { Report } from './report.js'

/** What `createRelay` takes. Everything is checked at once; each thing wrong is one line of a `RelayOptionsError`. */
export interface RelayOptions {
  /** The app: `acme` in `https://acme.user.com`. */
  subdomain: string
  /** The REST API key, 64 letters and digits. It is sent to `apiUrl` and nowhere else. */
  apiKey: string
  /**
   * Another base of the API. Only `https:`, or `http:` to loopback: the key travels with each call.
   * @default `https://<subdomain>.user.com/api/public/`
   */
  apiUrl?: string
  /**
   * Pages that may post, beside the relay's own origin, each as `https://www.example.com`: exactly that origin, no
   * wildcard and no `null`. Anyone else's page is answered 403. @default []
   */
  allowedOrigins?: readonly string[]
  /**
   * What browsers may set, by name; `*` stands for any name but those that steer the app (`score`, `status`,
   * `assigned_to`, `unsubscribed`, `notifications`), which a browser sets only where the list names them.
   * `custom_id` always takes a verified identity. Anything else is `not_allowed`. @default ['*']
   */
  allowedAttributes?: readonly string[]
  /**
   * What signs the tokens that say who a visitor is: one secret, or several by their `kid` for rotation; each at least 32
   * bytes, and never the API key. Turns verification on. @default none: any token is 401
   */
  tokenSecret?: string | Readonly<Record<string, string>>
  /**
   * `prefer`: with a token, the person it names is written; without one, people are only created and tagged. `enforce`:
   * without a token 401. `off`: any token is 401. @default 'prefer' with a `tokenSecret`, else 'off'
   */
  verification?: Verification
  /** A site's own say in who may identify; see `Authorize`. @default none */
  authorize?: Authorize
  /**
   * Where accepted people wait: `memory:`, which is lost with the process, or one of `usercom-relay/node`, opened with
   * `upstreamPerSecond` and `maxOutbox` as its own. Closed with the relay. Without one, User.com is called while the
   * browser waits. @default none
   */
  outbox?: Outbox | 'memory:'
  /**
   * What to do with someone who has that email already: `add-tags` only adds the tags, `leave` changes nothing, `update`
   * writes all attributes, `create` never looks, so that the same email again makes another person. @default 'add-tags'
   */
  knownEmail?: KnownEmail
  /** The app's limit of calls in any second. @default 10 */
  upstreamPerSecond?: number
  /** Calls that one client address may make in a minute, then 429. IPv6 counts by /64. @default 60 */
  clientPerMinute?: number
  /**
   * Identifies without a verified identity that are taken in an hour, from all clients together; beyond it 503. It bounds what
   * an attacker with many addresses can write into the app. @default what User.com takes: `upstreamPerSecond` × 3,600
   */
  unverifiedPerHour?: number
  /** What keeps the allowances; by itself each process its own, in memory. @default memory */
  createAllowance?: CreateAllowance
  /**
   * How many proxies stand in front: that many entries of `X-Forwarded-For` are believed, from the right. With more
   * than there are, anyone can pretend to be anyone. @default 0
   */
  trustProxy?: number
  /** How many jobs may wait in an outbox; beyond it 503. @default 1_000_000 */
  maxOutbox?: number
  /** Hears what happened, for logs and metrics: never a value, never the key. @default nothing */
  report?: Report
  /** @default globalThis.fetch */
  fetch?: typeof fetch
  /** The class of the answers, where a server has one that it sends faster. @default globalThis.Response */
  Response?: new (body?: RequestInit['body'], init?: ResponseInit) => Response
}

export type Verification = 'off' | 'prefer' | 'enforce'

/** The options, checked and complete. */
export interface RelaySettings {
  apiUrl: URL
  apiKey: Secret
  allowedOrigins: ReadonlySet<string>
  isAllowedAttribute: (name: string) => boolean
  outbox: Outbox | 'memory:' | undefined
  knownEmail: KnownEmail
  upstreamPerSecond: number
  tokenSecrets: readonly TokenSecret[]
  verification: Verification
  authorize: Authorize | undefined
  clientPerMinute: number
  unverifiedPerHour: number
  createAllowance: CreateAllowance
  trustProxy: number
  maxOutbox: number
  report: Report
  Response: NonNullable<RelayOptions['Response']>
  fetch: typeof fetch
}

/** One thing wrong with one option. Never holds the value. */
export interface OptionProblem {
  option: string
  message: string
}

/** Thrown by `createRelay`; its message is one line for each problem. */
export class RelayOptionsError extends Error {
  readonly problems: readonly OptionProblem[]
  constructor(problems: readonly OptionProblem[]) {
    super(problems.map(({ option, message }) => `${option}: ${message}`).join('\n'))
    this.name = 'RelayOptionsError'
    this.problems = problems
  }
}
