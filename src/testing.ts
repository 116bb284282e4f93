import { parseAttributes } from './attributes'
import type { CleanAttributes, Issue } from './attributes'
import type { Client, IdentifyOptions, Options, Result } from './types'

export type { Attributes, CleanAttributes, CustomValue, Issue, IssueCode } from './attributes'
export type { Client, IdentifyOptions, Options, Result } from './types'

/** What to answer: always the same, or as a function says, which may take its time. Where it throws: `unavailable`. */
export type Answer =
  Result | ((attributes: CleanAttributes, options: IdentifyOptions) => Result | Promise<Result>)

/** One call as the host's code made it. */
export type Call = { [Name in keyof Client]: { name: Name; args: Parameters<Client[Name]> } }[keyof Client]

/** One `identify` that would have left the page: trimmed, checked, agreed to and not sent before. */
export type Sent = { attributes: CleanAttributes; options: IdentifyOptions }

export type TestClient = Client & {
  /** Every call, in order. */
  readonly calls: readonly Call[]
  /** What would have been sent, in order. */
  readonly sent: readonly Sent[]
  /** How later identifies end, in place of `accepted`. */
  answer(answer: Answer): void
  /** Back to the beginning: no calls, no options but the first, nothing waiting, every answer `accepted`. */
  clear(): void
}

type Refusal = (Result & { ok: false })['reason']
type Waiting = { sent: Sent; end: (result: Result | Promise<Result>) => void }

const accepted: Result = { ok: true, status: 'accepted' }
const unchanged: Result = { ok: true, status: 'unchanged' }
const refuse = (reason: Refusal, issues: Issue[] = []): Result => ({ ok: false, reason, issues })

/**
 * A client for tests: it trims, checks and asks for consent as the real one does, and records what that one would send.
 * Nothing leaves, nothing is stored, no timer runs. It works without a page too. No method throws and no promise rejects.
 */
export const createTestClient = (firstOptions: Options = {}): TestClient => {
  let settings = firstOptions
  let calls: Call[] = []
  let sent: Sent[] = []
  let waiting: Waiting[] = []
  let decision: boolean | undefined
  let nextAnswer: Answer = accepted
  let last: { text: string; result: Promise<Result> } | undefined

  const isRefused = () =>
    decision === false ||
    (settings.respectGpc &&
      (globalThis.navigator as { globalPrivacyControl?: boolean } | undefined)?.globalPrivacyControl)

  const ask = async ({ attributes, options }: Sent): Promise<Result> => {
    try {
      return await (typeof nextAnswer === 'function' ? nextAnswer(attributes, options) : nextAnswer)
    } catch {
      return refuse('unavailable')
    }
  }

  const send = (entry: Sent): Promise<Result> => {
    const text = JSON.stringify([entry.attributes, entry.options.token])
    if (last?.text === text && !entry.options.force)
      return last.result.then((result) => (result.ok ? unchanged : result))
    sent.push(entry)
    const current = { text, result: ask(entry) }
    last = current
    return current.result.then((result) => {
      if (!result.ok && last === current) last = undefined
      return result
    })
  }

  const parse = (given: unknown): { attributes: CleanAttributes; refusal?: Result } => {
    const read = (input: unknown) => {
      const { attributes, issues } = parseAttributes(input, settings)
      // A plain object, so that the strictest comparison of a test takes it.
      return { attributes: { ...attributes }, ...(issues[0] && { refusal: refuse('invalid', issues) }) }
    }
    const first = read(given)
    if (first.refusal || !settings.beforeSend) return first
    try {
      const changed = settings.beforeSend(first.attributes)
      return changed === null ? { ...first, refusal: refuse('rejected') } : read(changed)
    } catch {
      return { ...first, refusal: refuse('rejected') }
    }
  }

  const identify = async (given: unknown, options: IdentifyOptions): Promise<Result> => {
    const { attributes, refusal } = isRefused()
      ? { attributes: {}, refusal: refuse('consent') }
      : parse(given)
    const entry = { attributes, options }
    const result =
      refusal ??
      (await ((decision ?? settings.consent !== 'required')
        ? send(entry)
        : new Promise<Result>((end) => waiting.push({ sent: entry, end }))))
    try {
      await settings.onResult?.(result, attributes)
    } catch {
      // As on a page, a listener's fault stays its own.
    }
    return result
  }

  const record = (call: Call) => void calls.push(call)
  const release = (toResult: (entry: Sent) => Result | Promise<Result>) =>
    waiting.splice(0).forEach(({ sent: entry, end }) => end(toResult(entry)))

  return {
    get calls() {
      return calls
    },
    get sent() {
      return sent
    },
    init(...args) {
      record({ name: 'init', args })
      settings = { ...settings, ...args[0] }
    },
    identify(...args) {
      record({ name: 'identify', args })
      return identify(args[0], args[1] ?? {})
    },
    reset(...args) {
      record({ name: 'reset', args })
      last = undefined
    },
    consent(...args) {
      record({ name: 'consent', args })
      decision = args[0] === true
      if (!decision) last = undefined
      release(decision ? send : () => refuse('consent'))
    },
    async flush(...args) {
      record({ name: 'flush', args })
    },
    answer(answer) {
      nextAnswer = answer
    },
    clear() {
      release(() => refuse('unavailable'))
      settings = firstOptions
      calls = []
      sent = []
      waiting = []
      decision = last = undefined
      nextAnswer = accepted
    },
  }
}

/** The client behind the functions below: what a module imports where `usercom-snippet` is replaced by this one. */
export const testClient = createTestClient()
export const { init, identify, reset, consent, flush } = testClient
export { createTestClient as createClient }
