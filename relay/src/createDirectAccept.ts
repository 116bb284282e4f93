import type { Call, KnownEmail } from './createDelivery.js'
import { createDelivery } from './createDelivery.js'
import { createOnce } from './createOnce.js'
import { createPersonHash } from './createPersonHash.js'
import type { Accept, Acceptance, Job } from './job.js'
import { memoryOutbox } from './memoryOutbox.js'
import type { FieldIssue, Outcome } from './outcome.js'
import type { RelaySettings } from './relayOptions.js'
import { toPerson } from './toPerson.js'
import type { UsercomClient } from './usercomClient.js'

/** All calls of one identify together: as long as a browser should be kept waiting. */
const timeoutMs = 10_000
const laterSeconds = 10
/** Someone has to repair the configuration first. */
const stopSeconds = 60
const pruneEveryMs = 60_000
/** A job ends in time. One that has not was cancelled with its request, as edge runtimes do, and ends never. */
const lostAfterMs = 12_000

/** What User.com says about these may depend on who is a user there. */
const identifyingFields = new Set(['email', 'custom_id', 'phone_number'])
const formatCodes = new Set(['email', 'max_length', 'characters', 'empty', 'type', 'phone'])

/**
 * What the page may hear of User.com's refusal: of the fields it sent itself, and of those that say who someone is only what
 * is a matter of format. The rest could tell whether a person is known.
 */
const toVisibleIssues = (issues: FieldIssue[], { attributes }: Job): FieldIssue[] =>
  issues.filter(
    ({ field, code }) =>
      Object.hasOwn(attributes, field) && (formatCodes.has(code) || !identifyingFields.has(field)),
  )

/** Whether what is sent to User.com depends on whom it knows; then so would a refusal, which is why none is told. */
const dependsOnWhoIsKnown = ({ attributes, verified }: Job, knownEmail: KnownEmail): boolean =>
  !verified && knownEmail !== 'create' && typeof attributes.email === 'string'

const toAcceptance = (outcome: Outcome, job: Job, knownEmail: KnownEmail): Acceptance => {
  switch (outcome.kind) {
    case 'delivered':
    case 'exists':
      return { status: 'accepted' }
    case 'throttled':
      return { status: 'later', retryAfterSeconds: Math.ceil(outcome.retryAfterMs / 1_000) }
    case 'later':
      return { status: 'later', retryAfterSeconds: laterSeconds }
    case 'stop':
      return { status: 'later', retryAfterSeconds: stopSeconds }
    case 'never': {
      const issues = dependsOnWhoIsKnown(job, knownEmail) ? [] : toVisibleIssues(outcome.issues, job)
      return issues.length ? { status: 'refused', issues } : { status: 'accepted' }
    }
  }
}

/** The same key with other attributes is another call: whoever reuses a stranger's key learns and stops nothing. */
const toKey = async (job: Job): Promise<string> => {
  const bytes = new TextEncoder().encode(JSON.stringify([job.i, job.verified, job.attributes]))
  return new TextDecoder('latin1').decode(await crypto.subtle.digest('SHA-256', bytes))
}

export interface DirectAcceptOptions {
  settings: Pick<RelaySettings, 'apiKey' | 'knownEmail' | 'upstreamPerSecond'>
  client: UsercomClient
  /** Unix milliseconds. @default Date.now */
  now?: () => number
}

/** Calls User.com while the browser waits. Where that does not work, the page keeps the person. */
export const createDirectAccept = ({
  settings: { apiKey, knownEmail, upstreamPerSecond },
  client,
  now = () => Date.now(),
}: DirectAcceptOptions): Accept => {
  // Nothing waits in it: it lends its pace, and its memory of people.
  const memory = memoryOutbox({ upstreamPerSecond, now })
  const deliver = createDelivery({ client, people: memory, hashPerson: createPersonHash(apiKey), knownEmail })
  const once = createOnce<Acceptance>({ isDone: ({ status }) => status === 'accepted', now })
  /** The end of each person's last job: two side by side would both look, and both create. */
  const persons = new Map<string, { end: Promise<unknown>; at: number }>()
  let prunedAt = now()

  const afterOthers = async <T>(person: string | undefined, work: () => Promise<T>): Promise<T> => {
    if (person === undefined) return work()
    const before = persons.get(person)
    const last = (before && before.at > now() - lostAfterMs ? before.end : Promise.resolve()).then(work)
    const entry = { end: last.catch(() => {}), at: now() }
    persons.set(person, entry)
    void entry.end.then(() => persons.get(person) === entry && persons.delete(person))
    return last
  }

  const deliverInTime = async (job: Job, signal: AbortSignal): Promise<Outcome> => {
    const call: Call = async (run) => {
      const slot = await memory.pace.take(signal)
      if (!slot) return { kind: 'later', reason: 'timeout' } as Awaited<ReturnType<typeof run>>
      try {
        return await run({ signal })
      } finally {
        slot.answered()
      }
    }
    const outcome = await deliver(job, call)
    if (outcome.kind === 'throttled') {
      await memory.pace.pause(now() + outcome.retryAfterMs)
      await memory.pace.slowDown()
    }
    return outcome
  }

  return async (job) => {
    if (now() - prunedAt > pruneEveryMs) {
      prunedAt = now()
      await memory.prune()
    }
    const key = await toKey(job)
    const deliverOnce = once(key, async () => {
      const signal = AbortSignal.timeout(timeoutMs)
      return toAcceptance(await afterOthers(toPerson(job), () => deliverInTime(job, signal)), job, knownEmail)
    })
    return inTime(deliverOnce)
  }
}

/** Each caller has a timer of its own, also where several wait for the same: the one who began may be gone. */
const inTime = (accepting: Promise<Acceptance>): Promise<Acceptance> =>
  new Promise((resolve, reject) => {
    const late = () => resolve({ status: 'later', retryAfterSeconds: laterSeconds })
    const timer = setTimeout(late, timeoutMs)
    accepting.finally(() => clearTimeout(timer)).then(resolve, reject)
  })
