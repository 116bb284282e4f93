import { randomUUID } from 'node:crypto'
import autocannon from 'autocannon'

/** What `run.ts` asks for, and what it hears. */
export interface LoadOrder {
  url: string
  origin: string
  connections: number
  requestsEach: number
}
export interface LoadResult {
  perSecond: number
  p99Ms: number
  /** Answers other than 202, and connections that failed. */
  others: number
}

const bodyBytes = 255

const createBody = (): string => {
  const id = randomUUID()
  const attributes = {
    email: `${id}@example.org`,
    first_name: 'John',
    last_name: 'Doe',
    tags: ['new'],
    note: '',
  }
  attributes.note = 'x'.repeat(bodyBytes - JSON.stringify(attributes).length)
  return JSON.stringify(attributes)
}

/** Everyone different, as in life; made beforehand, so that the client costs the same whatever it measures. */
const createRequests = ({ origin, requestsEach }: LoadOrder): autocannon.Request[] =>
  Array.from({ length: requestsEach }, () => ({
    method: 'POST',
    path: `/identify?i=${randomUUID()}`,
    headers: { 'content-type': 'application/json', origin },
    body: createBody(),
  }))

const measure = async (order: LoadOrder): Promise<LoadResult> => {
  const { url, connections, requestsEach } = order
  // From the first answer to the last: autocannon's own clock stops at its next look, which is up to a second later.
  let first = 0
  let last = 0
  const result = await autocannon({
    url,
    connections,
    amount: connections * requestsEach,
    setupClient: (client) => {
      client.setRequests(createRequests(order))
      client.on('response', () => {
        last = performance.now()
        first ||= last
      })
    },
  })
  const accepted = Number(
    (result as { statusCodeStats?: Record<string, { count?: number }> }).statusCodeStats?.['202']?.count ?? 0,
  )
  return {
    perSecond: (accepted * 1_000) / (last - first),
    p99Ms: result.latency.p99,
    others: connections * requestsEach - accepted + result.errors,
  }
}

// A process of its own: what the client costs is not the server's.
process.on('message', (order: LoadOrder) => {
  void measure(order).then((result) => process.send?.(result))
})
