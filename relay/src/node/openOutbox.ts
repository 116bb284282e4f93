import { memoryOutbox } from '../memoryOutbox.js'
import type { Outbox, OutboxOptions } from '../outbox.js'
import { sqliteOutbox } from './sqliteOutbox.js'

/** BullMQ takes a while to load: only who asks for Redis waits for it. */
const openRedis = async (url: string, options: OutboxOptions) => {
  const { redisOutbox } = await import('./redisOutbox.js')
  return redisOutbox(url, options)
}

/** Each engine, by the beginning of the name it is asked for with. */
const engines: Record<string, (name: string, options: OutboxOptions) => Outbox | Promise<Outbox>> = {
  'memory:': (_, options) => memoryOutbox(options),
  'sqlite:': (name, options) => sqliteOutbox(name.slice('sqlite:'.length), options),
  'redis:': openRedis,
  'rediss:': openRedis,
}

/** For messages: how the engines are asked for. */
export const outboxNames = 'memory:, sqlite:<file>, redis://<host>:<port>'

/** Whether `openOutbox` knows an engine of that name. */
export const isOutboxName = (name: string): boolean =>
  name === 'memory:' || Object.keys(engines).some((prefix) => name.startsWith(prefix) && name !== prefix)

/**
 * Opens an outbox by name: `memory:`, `sqlite:<file>`, `redis://<host>:<port>`. Rejects, with one line for the one who runs the relay, where it
 * cannot be opened.
 */
export const openOutbox = async (name: string, options: OutboxOptions = {}): Promise<Outbox> => {
  const prefix = Object.keys(engines).find((known) => name.startsWith(known))
  const open = prefix === undefined || !isOutboxName(name) ? undefined : engines[prefix]
  if (!open) throw new Error(`The outbox must be one of ${outboxNames}`)
  return open(name, options)
}
