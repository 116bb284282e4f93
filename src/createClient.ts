import { parseAttributes } from './attributes'
import type { Issue } from './attributes'
import { createDelivery } from './createDelivery'
import { createKey } from './createKey'
import { createStore, parseJson } from './createStore'
import type { Entry } from './entry'
import { toFingerprint } from './toFingerprint'
import type { Client, IdentifyOptions, Options, Result } from './types'

const DAY_MS = 86_400_000
const MAX_ENTRIES = 50
const MAX_CHARACTERS = 65_536

const refuse = (reason: (Result & { ok: false })['reason'], issues: Issue[] = []): Result => ({
  ok: false,
  reason,
  issues,
})

/** A client of its own, apart from the shared one. On a server it does nothing, and `identify` ends as `unavailable`. */
export const createClient = (firstOptions?: Options): Client => {
  let settings: Options = {}
  let url = ''
  let decision: boolean | undefined
  let isReported = false
  let resetAt = 0
  let lastAt = 0
  /** Who waits on this page for the end of a call. */
  const waiting = new Map<string, ((result: Result) => void)[]>()

  const mayTry = () => decision ?? settings.consent !== 'required'
  const store = createStore(() =>
    decision === false || mayTry() ? (window as never)[(settings.storage ?? 'local') + 'Storage'] : {},
  )
  const put = (entry: Entry) => store.write('usercom ' + entry.id, entry)

  /** The host's own code may throw, at once or later: that is said once, and is no error of the page. */
  const report = (error: unknown) => {
    if (!isReported) console.error('UserCom', error)
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

  const toPrint = (entry: Entry, salt: string) => toFingerprint(salt + entry.token + entry.body)

  const isUnchanged = (entry: Entry) => {
    const accepted = store.read('usercom ' + entry.url)
    return (
      !entry.force && Date.now() - accepted?.time < DAY_MS && accepted.print === toPrint(entry, accepted.salt)
    )
  }

  const settle = (id: string, result: Result) => {
    const settles = waiting.get(id)
    waiting.delete(id)
    return settles?.map((resolve) => resolve(result))
  }

  const end = (entry: Entry, result: Result) => {
    const key = 'usercom ' + entry.id
    // Other tabs hear of it: one of them may have made the call.
    store.write(key, result)
    store.remove(key)
    if (result.ok && result.status === 'accepted' && entry.at > resetAt)
      store.write('usercom ' + entry.url, {
        time: Date.now(),
        salt: entry.id,
        print: toPrint(entry, entry.id),
      })
    if (!settle(entry.id, result)) hear(result, entry.body)
  }

  const list = (): Entry[] =>
    store
      .keys()
      .map((key): Entry => ({ ...store.read(key), id: key.slice(8) }))
      .filter((entry) =>
        Date.now() - entry.at > (settings.maxAgeMs ?? 7 * DAY_MS)
          ? end(entry, refuse('expired'))
          : entry.at > 0 && entry.body && entry.url === url,
      )
      .sort((one, other) => one.at - other.at)

  const isOwn = ({ id }: Entry) => waiting.has(id)

  const delivery = createDelivery(
    list,
    isOwn,
    isUnchanged,
    mayTry,
    () => settings.contentType === 'json',
    put,
    end,
  )

  /** Changes what decides where calls wait and go, and takes those of this page along. */
  const move = (change: () => void) => {
    const own = list().filter(isOwn)
    own.forEach(({ id }) => store.remove('usercom ' + id))
    change()
    own.forEach((entry) => put({ ...entry, url }))
    delivery.wake()
  }

  const configure = (options?: Options) => {
    const merged = { ...settings, ...options }
    const { href } = new URL(merged.endpoint ?? '/identify', document.baseURI)
    move(() => {
      settings = merged
      url = href
    })
  }

  const submit = async (body: string, { token, force }: IdentifyOptions, key: unknown): Promise<Result> => {
    // Throws for what cannot be a header: every try would fail, for a week.
    if (token) new Headers([['Authorization', token]])
    const entry: Entry = {
      id: typeof key === 'string' ? key : createKey(),
      url,
      body,
      at: (lastAt = Math.max(Date.now(), lastAt + 1)),
      next: 0,
      token: token && `${token}`,
      force: !!force,
    }
    const entries = list()
    const newest = entries[entries.length - 1]
    const isSame =
      !force &&
      (newest ? newest.at > resetAt && newest.body + newest.token === body + entry.token : isUnchanged(entry))
    const unchanged: Result = { ok: true, status: 'unchanged' }
    if (isSame && !newest) return unchanged
    if (!isSame) {
      if (
        entries.length >= MAX_ENTRIES ||
        entries.reduce((sum, { body }) => sum + body.length, body.length) > MAX_CHARACTERS
      )
        return refuse('full')
      put(entry)
      delivery.wake()
    }
    const { id } = isSame ? newest! : entry
    const result = await new Promise<Result>((resolve) =>
      waiting.set(id, [...(waiting.get(id) ?? []), resolve]),
    )
    return isSame && result.ok ? unchanged : result
  }

  const methods: Client = {
    init(options) {
      configure(options)
      if (
        settings.respectGpc &&
        decision === undefined &&
        (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl
      )
        methods.consent(false)
    },
    async identify(input, options, key?: unknown) {
      let body = '{}'
      let result: Result | undefined
      const parse = (candidate: unknown) => {
        const { attributes, issues } = parseAttributes(candidate, settings)
        body = JSON.stringify(attributes)
        if (issues[0]) result = refuse('invalid', issues)
        return attributes
      }
      try {
        const attributes = parse(input)
        if (decision === false) result = refuse('consent')
        else if (!result && settings.beforeSend) {
          const changed = settings.beforeSend(attributes)
          if (changed) parse(changed)
          else result = refuse('rejected')
        }
        result ??= await submit(body, options ?? {}, key)
      } catch (error) {
        report(error)
        result = refuse('invalid')
      }
      hear(result, body)
      return result
    },
    reset() {
      resetAt = lastAt = Math.max(Date.now(), lastAt)
      store.remove('usercom ' + url)
    },
    consent(granted) {
      if (granted === true) return move(() => (decision = true))
      decision = false
      list().forEach((entry) => end(entry, refuse('consent')))
      store.keys().forEach(store.remove)
    },
    flush: delivery.flush,
  }

  const start = () => {
    // Throws on a server.
    delivery.onPageChange({})
    configure()
    for (const type of ['visibilitychange', 'pagehide', 'pageshow', 'online'])
      // Caught at the window on their way down: `visibilitychange` is the document's, the others are the window's.
      addEventListener(type, delivery.onPageChange, true)
    addEventListener('storage', ({ key, newValue }) => {
      if (!key?.startsWith('usercom ')) return
      const record = parseJson(newValue)
      // A copy that is kept here of what another tab took away would be sent again.
      if (record?.ok == null) return newValue ?? store.remove(key)
      settle(key.slice(8), record)
    })
  }

  const client = {} as Client
  for (const name in methods)
    client[name as 'init'] = (...args) => {
      try {
        if (!url) start()
        return methods[name as 'init'](...args)
      } catch (error) {
        if (typeof document !== 'undefined') report(error)
        return Promise.resolve(refuse('unavailable')) as never
      }
    }
  if (firstOptions) client.init(firstOptions)
  return client
}
