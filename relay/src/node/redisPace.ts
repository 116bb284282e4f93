import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { onAbort } from '../onAbort.js'
import type { Pace, Slot } from '../outbox.js'

/** User.com's window is one second; the rest is for clocks that are read a moment apart. */
const slotReturnMs = 1_005
/** The slot of an instance that died comes back: later than any call of its could be under way. */
const slotTimeoutMs = 15_000
/** Slots of other instances may come back earlier than they said. */
const longestWaitMs = 250
const slowDownFactor = 0.7
const fullRecoveryMs = 200_000

/** The server's clock, so that all instances have the same. */
const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`
/** How many slots there are now: fewer after User.com said 429, recovering slowly. */
const available = `
local function available(all)
  local lowered = redis.call('HMGET', KEYS[2], 'slots', 'at')
  if not lowered[1] then return all end
  return math.max(1, math.min(all, lowered[1] + (now - lowered[2]) / ${fullRecoveryMs} * all))
end
local pausedUntil = tonumber(redis.call('HGET', KEYS[2], 'pausedUntil') or 0)
`
/** KEYS: slots, by when they come back; state. ARGV: how many there are; a name for each slot that is wanted. */
const takeScript = `${clock}${available}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if pausedUntil > now then return {0, pausedUntil - now} end
local free = math.floor(available(tonumber(ARGV[1]))) - redis.call('ZCARD', KEYS[1])
local given = math.max(0, math.min(free, #ARGV - 1))
for n = 1, given do redis.call('ZADD', KEYS[1], now + ${slotTimeoutMs}, ARGV[n + 1]) end
local next = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {given, next[2] and math.ceil(next[2] - now) or 0}
`
const answeredScript = `${clock}
return redis.call('ZADD', KEYS[1], 'XX', now + ${slotReturnMs}, ARGV[1])
`
const pauseScript = `${clock}${available}
if now + ARGV[1] > pausedUntil then redis.call('HSET', KEYS[2], 'pausedUntil', now + ARGV[1]) end
`
/** The calls in flight are throttled together: that is one sign, not ten. */
const slowDownScript = `${clock}${available}
local at = tonumber(redis.call('HGET', KEYS[2], 'at') or 0)
if now - at < ${slotReturnMs} then return end
redis.call('HSET', KEYS[2], 'slots', tostring(math.max(1, available(tonumber(ARGV[1])) * ${slowDownFactor})), 'at', now)
`
const stateScript = `${clock}${available}
return {math.floor(available(tonumber(ARGV[1]))), math.max(0, pausedUntil - now)}
`

export interface RedisPaceOptions {
  redis: Redis
  /** What the names of the keys begin with. */
  prefix: string
  slots: number
  now: () => number
}

/** The slots of all instances together. Why they come back when they do: see `Pace`. */
export const redisPace = ({ redis, prefix, slots, now }: RedisPaceOptions): Pace & { close(): void } => {
  const keys = [`${prefix}slots`, `${prefix}pace`] as const
  const run = (script: string, ...args: (string | number)[]) => redis.eval(script, 2, ...keys, ...args)
  const waiting = new Set<(name: string) => void>()
  let asking = false
  /** Holds also while the server is away. */
  let ownPauseUntil = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const askIn = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), ms)
  }

  const createSlot = (name: string): Slot => {
    let held = true
    const once = (then: () => Promise<unknown>, comesBackInMs: number) => () => {
      if (!held) return
      held = false
      // Where this does not arrive, the slot comes back by its time-out.
      then().catch(() => {})
      setTimeout(() => void ask(), comesBackInMs)
    }
    return {
      answered: once(() => run(answeredScript, name), slotReturnMs),
      unused: once(() => redis.zrem(keys[0], name), 0),
    }
  }

  /** Hands out what is free, and asks again when more may be. */
  const ask = async () => {
    if (asking || !waiting.size) return
    const ownPauseMs = ownPauseUntil - now()
    if (ownPauseMs > 0) return askIn(Math.min(longestWaitMs, ownPauseMs))
    asking = true
    let againInMs = longestWaitMs
    try {
      const names = Array.from(waiting, () => randomUUID())
      const [given, nextInMs] = (await run(takeScript, slots, ...names)) as [number, number]
      const unused = names.slice(0, given)
      for (const give of waiting) {
        const name = unused.pop()
        if (name === undefined) break
        give(name)
      }
      // Whoever waited for these has left meanwhile.
      for (const name of unused) createSlot(name).unused()
      againInMs = Math.min(longestWaitMs, Math.max(1, nextInMs))
    } catch {
      // Redis is away: no one may call User.com until it is back.
    }
    asking = false
    if (waiting.size) askIn(againInMs)
  }

  return {
    take: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined)
        const leave = () => {
          waiting.delete(give)
          stopHearing()
        }
        const give = (name: string) => {
          leave()
          resolve(createSlot(name))
        }
        const stopHearing = onAbort(signal, () => {
          leave()
          resolve(undefined)
        })
        waiting.add(give)
        void ask()
      }),
    pause: async (until) => {
      ownPauseUntil = Math.max(ownPauseUntil, until)
      await run(pauseScript, Math.max(0, Math.ceil(until - now()))).catch(() => {})
    },
    slowDown: async () => void (await run(slowDownScript, slots).catch(() => {})),
    state: async () => {
      const [count, pausedMs] = (await run(stateScript, slots)) as [number, number]
      return { slots: count, pausedUntil: pausedMs ? now() + pausedMs : 0 }
    },
    close: () => clearTimeout(timer),
  }
}
