import type { Entry } from './entry'

export type Outbox = {
  /** Every waiting call, oldest first. */
  list(): Entry[]
  put(entry: Entry): void
  remove(id: string): void
}

/** Where calls wait for the relay's answer. */
export const createOutbox = (): Outbox => {
  const entries = new Map<string, Entry>()
  return {
    list: () => [...entries.values()],
    put: (entry) => void entries.set(entry.id, entry),
    remove: (id) => void entries.delete(id),
  }
}
