import { attempt } from './attributes/attempt'
import { PREFIX } from './entry'

/** Keys and texts, as `localStorage` and a plain object have them. */
type Texts = Record<string, string>

/** Nothing where the text is no JSON: storage may hold rubbish, or an older version's. */
export const parseJson = (text: unknown) => attempt(() => JSON.parse(text as string))

/** As `JSON.stringify`, past any `toJSON`: Prototype.js 1.6 gives lists one, by which they come out as text. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, key) {
    return this[key]
  })

/**
 * Small records, each under a key of its own, since tabs write at the same time.
 *
 * What this page writes stays in memory too: reading `window.localStorage` can throw, and so can writing to it (cookies
 * off, quota), and the host's code may clear it.
 */
export const createStore = () => {
  const memory: Texts = {}
  let texts: Texts | undefined
  return {
    /** @param kind Anything but `local` and `session` is memory alone. */
    open: (kind: string) => {
      texts = attempt(() =>
        kind === 'local' ? localStorage : kind === 'session' ? sessionStorage : undefined,
      )
    },
    /** What is ours only: a page may keep thousands of others. */
    readAll: () => {
      const all = { ...memory }
      attempt(() => {
        for (const key of Object.keys(texts!)) if (key.startsWith(PREFIX)) all[key] = texts![key]!
      })
      return all
    },
    /** Removes what is there where there is no record. */
    write: (key: string, record?: object) => {
      // Removed first: an older text must not outlive a newer one that finds no room.
      delete memory[key]
      attempt(() => delete texts![key])
      if (record) {
        memory[key] = toJson(record)
        attempt(() => (texts![key] = memory[key]!))
      }
    },
  }
}
