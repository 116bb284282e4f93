import { createHeap } from './createHeap.js'
import { createPace } from './createPace.js'
import { createWake } from './createWake.js'
import type { Job } from './job.js'
import type { Claim, DeadLetter, Outbox, OutboxOptions } from './outbox.js'
import { deadMaxAgeMs, deadMaxEntries, pollMs, rememberMs } from './outbox.js'
import { toPerson } from './toPerson.js'

interface Entry extends Omit<Claim, 'id'> {
  /** Its place among all that were added, and as a text its id. */
  order: number
  dueAt: number
  person: string | undefined
}

/** The end of an event-loop turn; not every runtime has it. */
const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => unknown }

/** The outbox of tests and of edge runtimes: everything is lost with the process. */
export const memoryOutbox = ({
  maxEntries = 1_000_000,
  upstreamPerSecond = 10,
  now = () => Date.now(),
}: OutboxOptions = {}): Outbox => {
  const due = createHeap<Entry>((a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order))
  /** In the order of adding: claimed, due, put back, or behind another job of the same person. */
  const entries = new Map<number, Entry>()
  /** Each person's jobs; only the first of them is in the heap or claimed. Nearly everyone has one, and no list for it. */
  const persons = new Map<string, Entry | Entry[]>()
  const known = new Map<string, number>()
  const people = new Map<string, { userId: string; at: number }>()
  const buried = new Map<string, DeadLetter & { entry: Entry }>()
  const { wake, wait } = createWake()
  let lastOrder = 0
  let turn: Promise<void> | undefined

  /** The adds of one turn are answered together: a server then writes its answers in one go, measured to be faster. */
  const endTurn = () =>
    (turn ??= new Promise((resolve) => {
      const end = () => {
        turn = undefined
        resolve()
      }
      if (setImmediate) setImmediate(end)
      else setTimeout(end)
    }))

  const enqueue = (job: Job) => {
    const order = ++lastOrder
    const addedAt = now()
    const person = toPerson(job)
    const entry: Entry = { order, job, attempts: 0, addedAt, dueAt: addedAt, person }
    entries.set(order, entry)
    const before = person === undefined ? undefined : persons.get(person)
    if (before === undefined) {
      if (person !== undefined) persons.set(person, entry)
      due.push(entry)
    } else if (Array.isArray(before)) before.push(entry)
    else if (person !== undefined) persons.set(person, [before, entry])
    wake()
  }

  const settle = ({ id }: Claim): Entry | undefined => {
    const entry = entries.get(Number(id))
    if (!entry) return undefined
    entries.delete(entry.order)
    if (entry.person !== undefined) {
      const own = persons.get(entry.person)
      const others = Array.isArray(own) ? own : []
      others.shift()
      if (others[0]) due.push(others[0])
      else persons.delete(entry.person)
    }
    wake()
    return entry
  }

  return {
    engine: 'memory',
    pace: createPace(upstreamPerSecond, now),
    add: async (job) => {
      const outcome = known.has(job.i) ? 'known' : entries.size >= maxEntries ? 'full' : 'stored'
      if (outcome === 'stored') {
        known.set(job.i, now())
        enqueue(job)
      }
      await endTurn()
      return outcome
    },
    claim: async () => {
      const first = due.peek()
      if (!first || first.dueAt > now()) return undefined
      due.pop()
      const { order, job, attempts, addedAt } = first
      return { id: String(order), job, attempts, addedAt }
    },
    wait: (signal) => wait(Math.min(pollMs, Math.max(0, (due.peek()?.dueAt ?? Infinity) - now())), signal),
    deliver: async (claim) => void settle(claim),
    putBack: async ({ id }, { at, counted }) => {
      const entry = entries.get(Number(id))
      if (!entry) return
      if (counted) entry.attempts += 1
      entry.dueAt = at
      due.push(entry)
      wake()
    },
    bury: async (claim, reason) => {
      const entry = settle(claim)
      if (entry) buried.set(claim.id, { id: claim.id, i: entry.job.i, at: now(), reason, entry })
    },
    dead: async () => [...buried.values()].map(({ id, i, at, reason }) => ({ id, i, at, reason })),
    requeue: async (ids) => {
      const before = buried.size
      for (const id of ids) {
        const letter = buried.get(id)
        if (letter) enqueue(letter.entry.job)
        buried.delete(id)
      }
      return before - buried.size
    },
    stats: async () => {
      const [oldest] = entries.values()
      return { waiting: entries.size, dead: buried.size, ...(oldest && { oldestAt: oldest.addedAt }) }
    },
    recall: async (hash) => {
      const person = people.get(hash)
      return person && person.at > now() - rememberMs ? person.userId : undefined
    },
    remember: async (hash, userId) => {
      people.delete(hash)
      people.set(hash, { userId, at: now() })
    },
    forget: async (hash) => void people.delete(hash),
    prune: async () => {
      // Maps keep the order of insertion, so the old ones are in front.
      for (const [i, at] of known) {
        if (at > now() - rememberMs) break
        known.delete(i)
      }
      for (const [hash, { at }] of people) {
        if (at > now() - rememberMs) break
        people.delete(hash)
      }
      const before = buried.size
      for (const [id, { at }] of buried) {
        if (at > now() - deadMaxAgeMs && buried.size <= deadMaxEntries) break
        buried.delete(id)
      }
      return before - buried.size
    },
    close: async () => wake(),
  }
}
