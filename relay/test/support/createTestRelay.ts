import type { RelayOptions } from '../../src/index.js'
import { createRelay } from '../../src/index.js'
import type { Job } from '../../src/job.js'
import type { Outbox } from '../../src/outbox.js'
import { createPace } from '../../src/createPace.js'
import { apiKey, page } from './startRelay.js'

/** An outbox that takes everything and delivers nothing. */
export const createSink = (): Outbox & { jobs: Job[] } => {
  const jobs: Job[] = []
  return {
    engine: 'sink',
    jobs,
    pace: createPace(1),
    add: async (job) => (jobs.push(job), 'stored'),
    claim: async () => undefined,
    wait: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve())
      }),
    deliver: async () => {},
    putBack: async () => {},
    bury: async () => {},
    dead: async () => [],
    requeue: async () => 0,
    stats: async () => ({ waiting: 0, dead: 0 }),
    recall: async () => undefined,
    remember: async () => {},
    forget: async () => {},
    prune: async () => 0,
    close: async () => {},
  }
}

/** A relay without a socket, for what is tried a hundred thousand times. */
export const createTestRelay = (options: Partial<RelayOptions> = {}) => {
  const sink = createSink()
  const relay = createRelay({
    subdomain: 'acme',
    apiKey,
    allowedOrigins: [page],
    unverifiedPerHour: 1_000_000_000,
    outbox: sink,
    ...options,
  })
  const post = (body: BodyInit, headers: Record<string, string> = {}, query = '') =>
    relay.fetch(
      new Request(`https://relay.example.com/identify${query}`, {
        method: 'POST',
        headers: { origin: page, 'content-type': 'application/json', ...headers },
        body,
      }),
    )
  return { relay, sink, post }
}
