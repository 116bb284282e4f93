import { existsSync } from 'node:fs'
import type { Outbox } from '../outbox.js'
import { isOutboxName, openOutbox, outboxNames } from './openOutbox.js'

/** Opens the outbox beside the relay that runs on it, for as long as `use` takes. */
export const withDeadLetters = async <T>(name: string, use: (outbox: Outbox) => Promise<T>): Promise<T> => {
  if (name === 'none' || name === 'memory:')
    throw new Error(`RELAY_OUTBOX: ${name} keeps no dead letters that another process could see`)
  if (!isOutboxName(name)) throw new Error(`RELAY_OUTBOX: must be one of ${outboxNames}`)
  const file = /^sqlite:(.*)/s.exec(name)?.[1]
  // Opening it would make it.
  if (file !== undefined && !existsSync(file)) throw new Error('RELAY_OUTBOX: there is no such file')
  const outbox = await openOutbox(name)
  try {
    return await use(outbox)
  } finally {
    await outbox.close()
  }
}
