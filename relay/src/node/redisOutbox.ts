import { createHash, createHmac, randomUUID } from 'node:crypto'
import type { Job as QueueJob } from 'bullmq'
import { Queue, Worker } from 'bullmq'
import { createWake } from '../createWake.js'
import type { Job } from '../job.js'
import type { Claim, DeadLetter, Outbox, OutboxOptions, Reason } from '../outbox.js'
import { deadMaxAgeMs, deadMaxEntries, pollMs, rememberMs } from '../outbox.js'
import { toPerson } from '../toPerson.js'
import { connectRedis } from './connectRedis.js'
import { createTurnBatch } from './createTurnBatch.js'
import { readRedisSalt } from './readRedisSalt.js'
import { redisPace } from './redisPace.js'
import { admitScript, releaseScript, sorted, sortScript, statsScript } from './redisScripts.js'

/** What a job holds in Redis. Its name there is who it is about, hashed. */
interface Stored {
  job: Job
  attempts: number
  /** When it was added or requeued. */
  at: number
  /** From the server's count, not from a clock: the relays that share it agree on who came first. */
  order: number
}
type StoredJob = QueueJob<Stored, void, string>
interface Claimed {
  stored: StoredJob
  token: string
}

/** Braces: on a cluster everything must be on one node. */
const prefix = '{usercom-relay}'
const queueName = 'outbox'
const keyPrefix = `${prefix}:${queueName}:`
/** A claim that is not renewed is lost after these; found by two looks, so within 16 seconds. */
const leaseMs = 10_000
const stalledLookMs = 3_000
/** Parked behind another job that was never settled: looked at again. */
const parkedMs = 30_000
const requeuePortion = 100
const prunePortion = 1_000
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** Ids with a meaning of their own are not BullMQ's to take, nor to be seen in the names of keys. */
const toId = (i: string) => (uuid.test(i) ? i : `i-${createHash('sha256').update(i).digest('hex')}`)

/** BullMQ's scripts answer with a code where the job is not what it was: it was claimed by another, or has left. */
const isGone = (error: unknown) => typeof (error as { code?: unknown } | undefined)?.code === 'number'
const unlessGone = (doing: Promise<unknown>) =>
  doing.then(
    () => true,
    (error: unknown) => {
      if (isGone(error)) return false
      throw error
    },
  )

export interface RedisOutboxOptions extends OutboxOptions {
  /** Hears, at the start, what keeps the server from being as safe as it could be. @default Node's own warning */
  onWarning?: (message: string) => void
}

/**
 * The outbox for more than one machine: BullMQ on Redis or Valkey. All who open the same database of a server share it,
 * its pace included.
 * @param url `redis://user:password@host:6379/0`, or `rediss:` for TLS
 * @throws Error with one line where the server cannot be reached or would lose what it was given
 */
export const redisOutbox = async (
  url: string,
  {
    maxEntries = 1_000_000,
    upstreamPerSecond = 10,
    now = () => Date.now(),
    onWarning = (message) => process.emitWarning(message, 'UsercomRelayWarning'),
  }: RedisOutboxOptions = {},
): Promise<Outbox> => {
  const { redis, warnings } = await connectRedis(url)
  warnings.forEach(onWarning)
  const salt = await readRedisSalt(redis)

  const shared = { connection: redis, prefix }
  const queue = new Queue<Stored, void, string>(queueName, { ...shared, streams: { events: { maxLen: 0 } } })
  const worker = new Worker<Stored, void, string>(queueName, null, {
    ...shared,
    autorun: false,
    lockDuration: leaseMs,
    stalledInterval: stalledLookMs,
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    removeOnComplete: { count: 0 },
  })
  queue.on('error', () => {})
  worker.on('error', () => {})
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])

  const pace = redisPace({ redis, prefix: keyPrefix, slots: upstreamPerSecond, now })
  const { wake, wait } = createWake()
  const claimed = new Map<string, Claimed>()
  const me = randomUUID()
  let lastClaim = 0
  let closed: Promise<void> | undefined

  const run = (script: string, ...args: (string | number)[]) => redis.eval(script, 0, keyPrefix, ...args)

  const toName = (job: Job) => {
    const person = toPerson(job)
    return person === undefined ? '-' : createHmac('sha256', salt).update(person).digest('base64url')
  }

  const addAll = async (jobs: Job[]) => {
    const ids = jobs.map(({ i }) => toId(i))
    const answers = (await run(sortScript, maxEntries, ...ids)) as number[]
    const at = now()
    const seen = new Set<string>()
    const additions: Parameters<typeof queue.addBulk>[0] = []
    const added: (string | number)[] = []
    const outcomes = answers.map((answer, index) => {
      const job = jobs[index] as Job
      const id = ids[index] as string
      if (answer === sorted.full) return 'full' as const
      if (answer === sorted.known || seen.has(id)) return 'known' as const
      seen.add(id)
      const data: Stored = { job, attempts: 0, at, order: answer }
      additions.push({ name: toName(job), data, opts: { jobId: id } })
      added.push(at, id)
      return 'stored' as const
    })
    if (additions.length) {
      const adding = queue.addBulk(additions)
      // On the same connection, so after them.
      const listing = redis.zadd(`${keyPrefix}added`, ...added)
      await Promise.all([adding, listing])
      wake()
    }
    return outcomes
  }
  const add = createTurnBatch(addAll)

  const renewal = setInterval(() => {
    for (const { stored, token } of claimed.values()) stored.extendLock(token, leaseMs).catch(() => {})
  }, leaseMs / 4)
  renewal.unref()
  const looking = worker.startStalledCheckTimer()
  looking.catch(() => {})

  const release = (person: string, ...left: string[]) => run(releaseScript, person, ...left)

  const claimNext = async (): Promise<Claim | undefined> => {
    for (;;) {
      const token = `${me}:${++lastClaim}`
      const stored = await worker.getNextJob(token, { block: false })
      const id = stored?.id
      if (!stored || id === undefined) return undefined
      const admitted = await run(admitScript, id, stored.name, stored.data.order)
      if (admitted === 1) {
        claimed.set(id, { stored, token })
        const { job, attempts, at } = stored.data
        return { id, job, attempts, addedAt: at }
      }
      if (admitted === 2) {
        await unlessGone(stored.moveToCompleted(undefined, token, false))
        await release(stored.name, id)
      } else {
        await unlessGone(stored.moveToDelayed(Date.now() + parkedMs, token))
        // The one in front may have been settled meanwhile.
        await release(stored.name)
      }
    }
  }

  const settle = async (claim: Claim, move: (claimed: Claimed) => Promise<unknown>, ...left: string[]) => {
    const found = claimed.get(claim.id)
    if (!found) return
    await move(found)
    await release(found.stored.name, ...left)
    claimed.delete(claim.id)
    wake()
  }

  const requeueOne = async (id: string) => {
    const stored = await queue.getJob(id)
    if (!stored?.finishedOn) return false
    const at = now()
    const order = await redis.incr(`${keyPrefix}order`)
    await stored.updateData({ ...stored.data, attempts: 0, at, order })
    const moved = await unlessGone(
      stored.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true }),
    )
    if (moved) await redis.zadd(`${keyPrefix}added`, at, id)
    return moved
  }

  /** Its `i` stays known for what is left of its day. */
  const drop = async (stored: StoredJob) => {
    const leftMs = (stored.finishedOn ?? 0) + rememberMs - Date.now()
    if (leftMs > 0) await redis.set(`${keyPrefix}known:${stored.id}`, 1, 'PX', leftMs)
    await unlessGone(stored.remove())
  }

  return {
    engine: 'redis',
    pace,
    add,
    claim: claimNext,
    wait: (signal) => wait(pollMs, signal),
    deliver: (claim) =>
      settle(
        claim,
        async ({ stored, token }) => {
          await redis.set(`${keyPrefix}known:${claim.id}`, 1, 'PX', rememberMs)
          await unlessGone(stored.moveToCompleted(undefined, token, false))
        },
        claim.id,
      ),
    putBack: (claim, { at, counted }) =>
      settle(claim, async ({ stored, token }) => {
        const data = { ...stored.data, attempts: claim.attempts + (counted ? 1 : 0) }
        if (stored.name !== '-') await redis.zadd(`${keyPrefix}behind:${stored.name}`, data.order, claim.id)
        if (counted) await stored.updateData(data)
        const isDue = at <= now()
        await unlessGone(
          isDue ? stored.moveToWait(token) : stored.moveToDelayed(Date.now() + at - now(), token),
        )
      }),
    bury: (claim, reason) =>
      settle(
        claim,
        async ({ stored, token }) =>
          unlessGone(stored.moveToFailed(new Error(JSON.stringify(reason)), token, false)),
        claim.id,
      ),
    dead: async () => {
      const all = (await queue.getJobs(['failed'], 0, -1, true)) as StoredJob[]
      return all.map(({ id, data, finishedOn, failedReason }): DeadLetter => ({
        id: id ?? '',
        i: data.job.i,
        at: finishedOn ?? 0,
        reason: JSON.parse(failedReason) as Reason,
      }))
    },
    requeue: async (ids) => {
      let count = 0
      for (let from = 0; from < ids.length; from += requeuePortion) {
        const portion = await Promise.all(
          [...new Set(ids.slice(from, from + requeuePortion))].map(requeueOne),
        )
        count += portion.filter(Boolean).length
      }
      wake()
      return count
    },
    stats: async () => {
      const [waiting, dead, oldestAt] = (await run(statsScript)) as [number, number, string?]
      return { waiting, dead, ...(oldestAt !== undefined && { oldestAt: Number(oldestAt) }) }
    },
    recall: async (hash) => (await redis.get(`${keyPrefix}person:${hash}`)) ?? undefined,
    remember: async (hash, userId) =>
      void (await redis.set(`${keyPrefix}person:${hash}`, userId, 'PX', rememberMs)),
    forget: async (hash) => void (await redis.del(`${keyPrefix}person:${hash}`)),
    prune: async () => {
      let dropped = 0
      for (;;) {
        const count = await redis.zcard(`${keyPrefix}failed`)
        const oldest = (await queue.getJobs(['failed'], 0, prunePortion - 1, true)) as StoredJob[]
        const old = oldest.filter(
          ({ finishedOn }, index) =>
            (finishedOn ?? 0) <= Date.now() - deadMaxAgeMs || index < count - deadMaxEntries,
        )
        await Promise.all(old.map(drop))
        dropped += old.length
        if (old.length < prunePortion) return dropped
      }
    },
    close: () =>
      (closed ??= (async () => {
        clearInterval(renewal)
        wake()
        pace.close()
        // The newest first: each goes to the front of those that wait.
        for (const { stored, token } of [...claimed.values()].reverse())
          await stored.moveToWait(token).catch(() => {})
        claimed.clear()
        await Promise.all([worker.close(true), queue.close()]).catch(() => {})
        redis.disconnect()
      })()),
  }
}
