import type { Attributes, CleanAttributes, Issue } from './attributes'

/** How a call ended. `accepted`: the relay has it. `unchanged`: the relay had just that within the last day. */
export type Result =
  | { ok: true; status: 'accepted' | 'unchanged' }
  | {
      ok: false
      /**
       * - `invalid`: refused on the page, `issues` say why; nothing was sent.
       * - `rejected`: refused by the relay, or stopped by `beforeSend`; not tried again.
       * - `consent`: the visitor has not agreed.
       * - `expired`: waited for longer than `maxAgeMs`.
       * - `full`: 50 calls or 64 KiB are waiting already.
       * - `unavailable`: there is no page (a server), or the script never came.
       */
      reason: 'invalid' | 'rejected' | 'consent' | 'expired' | 'full' | 'unavailable'
      issues: Issue[]
    }

export type Options = {
  /** Where to post, absolute or relative to the page. @default '/identify'; by script tag: `identify` beside the script */
  endpoint?: string
  /**
   * Where calls wait until the relay has them. Falls back to memory where storage is refused. Chromium writes `'local'`
   * to disk up to six seconds late: what was called right before the whole browser is killed can be lost.
   * @default 'local'
   */
  storage?: 'local' | 'session' | 'memory'
  /**
   * `'required'`: calls wait in memory only, never in storage, and nothing is sent until `consent(true)`.
   * @default 'granted'
   */
  consent?: 'granted' | 'required'
  /** Treats `navigator.globalPrivacyControl` as `consent(false)`. @default false */
  respectGpc?: boolean
  /** Names over 40 characters: refuse them with `max_length`, or cut them, never inside a character. @default 'refuse' */
  tooLong?: 'refuse' | 'truncate'
  /** Changes or stops (`null`) what leaves. With `null` the call ends as `rejected`; where it throws nothing leaves either, and it ends as `invalid`. */
  beforeSend?: (attributes: CleanAttributes) => Attributes | null
  /** Hears every result, with its attributes. What it throws is caught, and reported on the console once. */
  onResult?: (result: Result, attributes: CleanAttributes) => void
  /** Calls that have waited for longer, in milliseconds, end as `expired`. @default 604800000 (7 days) */
  maxAgeMs?: number
  /** `'json'` forces `application/json` to other origins too, at the price of a preflight. @default 'auto' */
  contentType?: 'auto' | 'json'
  /** Says on the console what happens and why. @default false */
  debug?: boolean
}

export type IdentifyOptions = {
  /** A token that your server signed for this visitor. To another origin it costs a preflight. */
  token?: string
  /** Sends even what the relay already has. @default false */
  force?: boolean
}

/** No method throws and no promise rejects, whatever is passed in. */
export type Client = {
  /** Sets options; those not named stay as they are. */
  init(options?: Options): void
  /** Says who the visitor is. The promise settles when the relay has it, or when it is refused. */
  identify(attributes: Attributes, options?: IdentifyOptions): Promise<Result>
  /** Log-out: forgets who this was. What is waiting is still delivered. */
  reset(): void
  /** The visitor's choice. `false` drops what waits, empties storage and refuses later calls. */
  consent(granted: boolean): void
  /** Tries what is waiting, also where nothing answered before; a relay that said later is left alone. Settles then. */
  flush(): Promise<void>
}
