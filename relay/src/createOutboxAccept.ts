import { createDelivery } from './createDelivery.js'
import { createPersonHash } from './createPersonHash.js'
import { createWorker, toErrorCode } from './createWorker.js'
import type { Accept } from './job.js'
import type { Outbox } from './outbox.js'
import type { RelaySettings } from './relayOptions.js'
import type { Report } from './report.js'
import type { UsercomClient } from './usercomClient.js'

/** A disk or a Redis that is away is looked at again so soon. */
const failureRetrySeconds = 5
const longestRetrySeconds = 3_600

export interface OutboxAcceptOptions {
  outbox: Outbox
  settings: Pick<RelaySettings, 'apiKey' | 'knownEmail'>
  client: UsercomClient
  report: Report
}

/**
 * Takes a job when it is stored; a worker brings it to User.com. `close` ends the worker and closes the outbox; what
 * waits stays there.
 */
export const createOutboxAccept = ({
  outbox,
  settings: { apiKey, knownEmail },
  client,
  report,
}: OutboxAcceptOptions): { accept: Accept; close(): Promise<void> } => {
  const deliver = createDelivery({
    client,
    people: outbox,
    hashPerson: createPersonHash(apiKey),
    knownEmail,
  })
  const worker = createWorker({ outbox, deliver, report })

  /** So long, at least, does it take to bring what waits to User.com. */
  const drainSeconds = async () => {
    const [{ waiting }, { slots }] = await Promise.all([outbox.stats(), outbox.pace.state()])
    return Math.min(longestRetrySeconds, Math.max(1, Math.ceil(waiting / slots)))
  }

  return {
    accept: async (job) => {
      try {
        if ((await outbox.add(job)) !== 'full') return { status: 'accepted' }
        return { status: 'later', retryAfterSeconds: await drainSeconds() }
      } catch (error) {
        report({ event: 'failed', where: 'store', error: toErrorCode(error) })
        return { status: 'later', retryAfterSeconds: failureRetrySeconds }
      }
    },
    close: async () => {
      await worker.close()
      await outbox.close()
    },
  }
}
