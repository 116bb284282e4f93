import { parseAttributes } from './attributes'
import type { CleanAttributes, Issue, ParseResult } from './attributes'
import { createDelivery } from './createDelivery'
import { createKey } from './createKey'
import { createOutbox } from './createOutbox'
import type { Entry } from './entry'
import { toFingerprint } from './toFingerprint'
import type { Client, Options, Result } from './types'

const DAY_MS = 86_400_000
const MAX_ENTRIES = 50
const MAX_CHARACTERS = 65_536

const unchanged: Result = { ok: true, status: 'unchanged' }
const refuse = (reason: (Result & { ok: false })['reason'], issues: Issue[] = []): Result => ({
  ok: false,
  reason,
  issues,
})

/** As `URL` resolves it; what is no address stays as it is, and no try of it is ever answered. */
const toAbsolute = (address: string): string => {
  try {
    return new URL(address, document.baseURI).href
  } catch {
    return `${address}`
  }
}

/** A client of its own, apart from the shared one. On a server it does nothing, and `identify` ends as `unavailable`. */
export const createClient = (firstOptions?: Options): Client => {
  let settings: Options = {}
  let decision: boolean | undefined
  let accepted: { at: number; salt: string; print: string } | undefined
  let resetAt = 0
  let lastAt = 0
  const waiting = new Map<string, ((result: Result) => void)[]>()
  const outbox = createOutbox()

  const isAllowed = () => decision ?? settings.consent !== 'required'
  const toText = (entry: Entry) => entry.url + ' ' + entry.token + ' ' + entry.body

  const log = (...what: unknown[]) => {
    if (settings.debug) console.log('UserCom', ...what)
  }

  /** The host's own code may throw, at once or later: that is said once, and is no error of the page. */
  const reported = new Set<string>()
  const report = (name: string, error: unknown) => {
    if (!reported.has(name)) console.error('UserCom: ' + name + ' threw', error)
    reported.add(name)
  }
  const tell = async (result: Result, attributes: CleanAttributes) => {
    log(result, attributes)
    try {
      await settings.onResult?.(result, attributes)
    } catch (error) {
      report('onResult', error)
    }
  }

  const isUnchanged = (entry: Entry) =>
    accepted &&
    !entry.force &&
    Date.now() - accepted.at < DAY_MS &&
    accepted.print === toFingerprint(accepted.salt + toText(entry))

  const end = (entry: Entry, result: Result) => {
    outbox.remove(entry.id)
    if (result.ok && entry.at > resetAt)
      accepted = { at: Date.now(), salt: entry.id, print: toFingerprint(entry.id + toText(entry)) }
    waiting.get(entry.id)?.forEach((settle) => settle(result))
    waiting.delete(entry.id)
  }

  const delivery = createDelivery(outbox, () => settings, isAllowed, end)

  const parse = (input: unknown): ParseResult | Result => {
    const first = parseAttributes(input, settings)
    if (first.issues[0] || !settings.beforeSend) return first
    try {
      const changed = settings.beforeSend(first.attributes)
      return changed === null ? refuse('rejected') : parseAttributes(changed, settings)
    } catch (error) {
      report('beforeSend', error)
      return refuse('rejected')
    }
  }

  const submit = (
    parsed: ParseResult,
    options: { token?: unknown; force?: unknown } | undefined,
    key: unknown,
    settle: (result: Result) => void,
  ) => {
    const token = options?.token
    if (parsed.issues[0]) return settle(refuse('invalid', parsed.issues))
    // What is no printable ASCII cannot be a header: every try would fail, for a week.
    if (token && !/^[\x21-\x7e]+$/.test(token as string))
      return settle(
        refuse('invalid', [{ field: 'token', code: 'characters', message: 'token must be printable ASCII' }]),
      )
    const entry: Entry = {
      id: typeof key === 'string' ? key : createKey(),
      url: toAbsolute(settings.endpoint ?? '/identify'),
      body: JSON.stringify(parsed.attributes),
      at: (lastAt = Math.max(Date.now(), lastAt + 1)),
      next: 0,
      tries: 0,
      token: token ? `${token as string}` : undefined,
      force: !!options?.force,
    }
    const entries = outbox.list()
    const newest = entries[entries.length - 1]
    if (!newest && isUnchanged(entry)) return settle(unchanged)
    if (newest && !entry.force && newest.at > resetAt && toText(newest) === toText(entry)) {
      waiting.get(newest.id)!.push((result) => settle(result.ok ? unchanged : result))
      return
    }
    if (
      entries.length >= MAX_ENTRIES ||
      entries.reduce((sum, { body }) => sum + body.length, entry.body.length) > MAX_CHARACTERS
    )
      return settle(refuse('full'))
    waiting.set(entry.id, [settle])
    outbox.put(entry)
    delivery.wake()
  }

  /** Guards a method: on a server, or where something throws, it does nothing. */
  const guard =
    <Arguments extends unknown[], Answer>(run: (...args: Arguments) => Answer, otherwise: () => Answer) =>
    (...args: Arguments): Answer => {
      try {
        if (typeof document !== 'undefined') return run(...args)
      } catch (error) {
        log(error)
      }
      return otherwise()
    }

  const nothing = () => {}

  const client: Client = {
    init: guard((options) => {
      settings = { ...settings, ...options }
      delivery.wake()
    }, nothing),
    identify: guard(
      (attributes, options, key?: unknown) =>
        new Promise<Result>((resolve) => {
          let parsed: ParseResult = { attributes: {}, issues: [] }
          const settle = (result: Result) => {
            resolve(result)
            tell(result, parsed.attributes)
          }
          try {
            if (decision === false) return settle(refuse('consent'))
            const outcome = parse(attributes)
            if ('ok' in outcome) return settle(outcome)
            parsed = outcome
            submit(parsed, options, key, settle)
          } catch {
            settle(refuse('invalid'))
          }
        }),
      () => Promise.resolve(refuse('unavailable')),
    ),
    reset: guard(() => {
      accepted = undefined
      resetAt = lastAt
    }, nothing),
    consent: guard((granted) => {
      decision = granted === true
      if (decision) delivery.wake()
      else {
        accepted = undefined
        outbox.list().forEach((entry) => end(entry, refuse('consent')))
      }
    }, nothing),
    flush: guard(
      () => delivery.flush(),
      () => Promise.resolve(),
    ),
  }
  if (firstOptions) client.init(firstOptions)
  return client
}
