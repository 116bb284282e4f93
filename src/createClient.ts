import { parseAttributes } from './attributes'
import { createDelivery } from './createDelivery'
import { createKey } from './createKey'
import { createStore, parseJson, toJson } from './createStore'
import { PREFIX, type Entry } from './entry'
import { accepted, refuse, unchanged } from './result'
import { send } from './send'
import { toFingerprint } from './toFingerprint'
import type { Client, Options, Result } from './types'

const DAY_MS = 86_400_000
const MAX_ENTRIES = 50
const MAX_CHARACTERS = 65_536

/** A client of its own, apart from the shared one. On a server it does nothing, and `identify` ends as `unavailable`. */
export const createClient = (firstOptions?: Options): Client => {
  let settings: Options = {}
  let maxAgeMs = 7 * DAY_MS
  let url = ''
  let type = ''
  /** What `consent` was told. */
  let decision: boolean | undefined
  let isReported = false
  let resetAt = 0
  let lastAt = 0
  /** Who on this page waits for the end of a call. */
  const waiting: Record<string, (result: Result) => void> = Object.create(null)
  const { open, readAll, write } = createStore()

  /** While a page is prerendered nobody has come to it yet: as before consent, its calls wait in memory only. */
  const isAllowed = () =>
    !(globalThis.document as { prerendering?: boolean } | undefined)?.prerendering &&
    (decision ?? settings.consent !== 'required')
  const toPlace = () => settings.storage ?? 'local'
  const put = (entry: Entry) => write(entry.key, entry)
  const isOwn = ({ key }: Entry) => key in waiting
  /** Later than every call before, also within one millisecond. */
  const tick = () => (lastAt = Math.max(Date.now(), lastAt + 1))

  /** The host's own code may throw, at once or later: that is said once, and is no error of the page. */
  const report = (error: unknown) => {
    if (!isReported && typeof document !== 'undefined') console.error('UserCom', error)
    isReported = true
  }

  const hear = async (result: Result, body: string) => {
    if (settings.debug) console.log('UserCom', result, body)
    try {
      await settings.onResult?.(result, JSON.parse(body))
    } catch (error) {
      report(error)
    }
  }

  const toPrint = ({ token, body }: Entry, salt: string) => toFingerprint(salt + token + body)

  /** Whether the relay has just that already. What it accepted last is kept under its address, as a salted hash. */
  const isUnchanged = (entry: Entry) => {
    const { time, salt, print } = parseJson(readAll()[PREFIX + entry.url]) ?? {}
    return !entry.force && Date.now() - time < DAY_MS && print === toPrint(entry, salt)
  }

  const end = (entry: Entry, result: Result) => {
    const { key, body } = entry
    // Other tabs see the result before it goes: one of them may have made the call.
    write(key, result)
    write(key)
    if (result === accepted && entry.at > resetAt)
      write(PREFIX + entry.url, { time: Date.now(), salt: key, print: toPrint(entry, key) })
    const settle = waiting[key] ?? ((result) => hear(result, body))
    delete waiting[key]
    settle(result)
    // The browser tells other tabs alone; another client on this page, or another version's, may wait for it too.
    dispatchEvent(new StorageEvent('storage', { key, newValue: toJson(result) }))
  }

  const list = () => {
    const entries: Entry[] = []
    for (const [key, text] of Object.entries(readAll())) {
      const entry: Entry = { ...parseJson(text), key }
      if (Date.now() - entry.at > maxAgeMs) end(entry, refuse('expired'))
      else if (entry.at > 0 && entry.body && entry.url === url) entries.push(entry)
    }
    return entries.sort((one, other) => one.at - other.at)
  }

  const delivery = createDelivery(
    list,
    isOwn,
    isAllowed,
    async (entry, keepalive) =>
      // Only at the head: what lies before may change who was accepted last.
      list()[0]?.key === entry.key && isUnchanged(entry) ? unchanged : send(entry, type, keepalive),
    put,
    end,
  )

  /** Changes what decides where calls wait and go, and takes those of this page along. */
  const move = (change: () => void) => {
    const entries = list()
    for (const entry of entries) if (isOwn(entry)) write(entry.key)
    change()
    open(isAllowed() ? toPlace() : 'memory')
    for (const entry of entries) if (isOwn(entry)) put({ ...entry, url })
    delivery.wake()
  }

  const configure = (options?: Options) => {
    const merged = { ...settings, ...options }
    const ageMs = +(merged.maxAgeMs ?? maxAgeMs)
    const { href, origin } = new URL(merged.endpoint ?? '/identify', document.baseURI)
    if (!url) {
      for (const name of ['visibilitychange', 'pagehide', 'pageshow', 'online'])
        // Caught at the window on their way down: `visibilitychange` is the document's, the others are the window's.
        addEventListener(name, delivery.onPageChange, true)
      addEventListener('prerenderingchange', () => move(() => {}), true)
      addEventListener('storage', ({ key, newValue }) => {
        const settle = waiting[key!]
        const result = settle && parseJson(newValue)
        if (result?.ok == null) return
        write(key!)
        settle!(result)
      })
      delivery.onPageChange({})
    }
    move(() => {
      settings = merged
      maxAgeMs = ageMs
      url = href
      // To another origin only text/plain goes without a preflight.
      type =
        merged.contentType === 'json' || origin === location.origin
          ? 'application/json'
          : 'text/plain;charset=UTF-8'
    })
  }

  const client: Client = {
    init(options) {
      try {
        configure(options)
        if (settings.respectGpc && (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl)
          client.consent(decision ?? false)
      } catch (error) {
        report(error)
      }
    },
    async identify(input, options, id?: unknown) {
      let body = '{}'
      const parse = (candidate: unknown) => {
        const { attributes, issues } = parseAttributes(candidate, settings)
        body = toJson(attributes)
        return issues[0] && refuse('invalid', issues)
      }
      const submit = (): Result | Promise<Result> => {
        if (!url) configure()
        if (decision === false) return refuse('consent')
        let refusal = parse(input)
        if (!refusal && settings.beforeSend) {
          const changed = settings.beforeSend(JSON.parse(body))
          refusal = changed ? parse(changed) : refuse('rejected')
        }
        if (refusal) return refusal
        const { token, force } = options ?? {}
        // What cannot be a header would make every try fail, for a week.
        if (token && !/^[\x21-\x7e]*$/.test(token)) return refuse('invalid')
        let entry: Entry = {
          key: PREFIX + (typeof id === 'string' ? id : createKey()),
          url,
          body,
          at: tick(),
          next: 0,
          token: token && `${token}`,
          force: !!force,
        }
        const entries = list()
        const newest = entries[entries.length - 1]
        if (!newest && isUnchanged(entry)) return unchanged
        const isSame =
          newest && !force && newest.at > resetAt && newest.body === body && newest.token === entry.token
        if (isSame) entry = newest
        else if (entries.length >= MAX_ENTRIES || JSON.stringify([entries, entry]).length > MAX_CHARACTERS)
          return refuse('full')
        else put(entry)
        const earlier = waiting[entry.key]
        const ended = new Promise<Result>((resolve) => {
          waiting[entry.key] = (result) => {
            earlier?.(result)
            resolve(isSame && result.ok ? unchanged : result)
          }
        })
        delivery.wake()
        return ended
      }
      let result
      try {
        result = await submit()
      } catch (error) {
        result = refuse(typeof document === 'undefined' ? 'unavailable' : 'invalid')
        report(error)
      }
      hear(result, body)
      return result
    },
    reset() {
      resetAt = tick()
      write(PREFIX + url)
    },
    consent(granted) {
      if (granted !== true) {
        open(toPlace())
        for (const entry of list()) end(entry, refuse('consent'))
        for (const key of Object.keys(readAll())) write(key)
      }
      move(() => (decision = granted === true))
    },
    flush: delivery.flush,
  }
  if (firstOptions) client.init(firstOptions)
  return client
}
