import { randomUUID } from 'node:crypto'
import { sqliteOutbox } from '../dist/node/sqliteOutbox.js'
import { relayCommand, startServer } from './startServer.js'

const portion = 10_000

/** How the relay starts, and what it takes of memory, where so many wait in its SQLite file. */
export const measureMillionWaiting = async (
  file: string,
  environment: Record<string, string>,
  count = 1_000_000,
) => {
  const outbox = await sqliteOutbox(file, { maxEntries: count })
  for (let added = 0; added < count; added += portion)
    await Promise.all(
      Array.from({ length: portion }, () =>
        outbox.add({
          i: randomUUID(),
          attributes: { email: `${randomUUID()}@example.org`, first_name: 'John', tags: ['new'] },
          verified: false,
        }),
      ),
    )
  await outbox.close()

  const server = await startServer(relayCommand, { ...environment, RELAY_OUTBOX: `sqlite:${file}` })
  const readMetric = (text: string, name: string) =>
    Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1])
  let residentBytes = 0
  let waiting = 0
  // It drains meanwhile.
  for (let look = 0; look < 6; look += 1) {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    residentBytes = Math.max(residentBytes, readMetric(text, 'process_resident_memory_bytes'))
    waiting ||= readMetric(text, 'usercom_relay_outbox_waiting')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  await server.stop()
  return { waiting, startMs: server.startMs, residentMiB: residentBytes / 2 ** 20 }
}
