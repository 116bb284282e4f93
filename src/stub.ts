import { createKey } from './createKey'
import type { Page, RecordedCall } from './page'
import { findTag, readTag, TAG_SELECTOR } from './readTag'
import { toAddress } from './toAddress'
import type { IdentifyOptions, Options, Result } from './types'

const PATIENCE_MS = 30_000

const page = globalThis as Page
const unavailable: Result = { ok: false, reason: 'unavailable', issues: [] }

// A second stub, or one below a script that is already there, leaves what it finds.
if (!page.UserCom?.identify?.call) {
  // The script empties it when it comes, late or not.
  const q: RecordedCall[] = []
  page.UserCom = { q }
  for (const name of ['init', 'identify', 'reset', 'consent', 'flush'] as const)
    // The script replaces `q.push`: a reference that was taken early keeps working.
    page.UserCom[name] = (first?: unknown, second?: unknown) =>
      new Promise<never>((resolve: (result: never) => void) => {
        q.push([name, resolve as () => void, first, second, createKey()])
        setTimeout(resolve as () => void, PATIENCE_MS, unavailable)
      })

  // A script that fails to load says so at its tag only: that does not bubble, but it is caught on its way down.
  addEventListener(
    'error',
    ({ target }) => {
      if ((target as Element).matches?.(TAG_SELECTOR)) for (const call of q) call[1](unavailable)
    },
    true,
  )

  // Where the script has not come before the visitor leaves: it would send the same calls under the same keys.
  addEventListener('pagehide', () => {
    try {
      const options: Options = readTag(findTag())
      for (const [name, , first] of q) {
        if (name === 'init') Object.assign(options, first)
        if (name === 'consent') options.consent = first === true ? 'granted' : 'required'
      }
      // Only the script can ask `beforeSend`: its promise is kept by keeping still.
      if (
        options.consent !== 'required' &&
        !options.beforeSend &&
        !(options.respectGpc && (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl)
      )
        for (const [name, , attributes, more, key] of q)
          // A beacon has no headers: without its token a call would be somebody else's.
          if (name === 'identify' && !(more as IdentifyOptions)?.token)
            navigator.sendBeacon(
              toAddress(options.endpoint!, key),
              // Lists past the `toJSON` that Prototype.js 1.6 gives them, by which they come out as text.
              JSON.stringify(attributes, function (this: Record<string, unknown>, name, value: unknown) {
                return Array.isArray(this[name]) ? this[name] : value
              }),
            )
    } catch {
      // What cannot be read or written as JSON is no call of ours.
    }
  })
}
