import type { Accept } from './job.js'
import type { Outbox } from './outbox.js'

/** A disk or a Redis that is away is looked at again so soon. */
const failureRetrySeconds = 5
const longestRetrySeconds = 3_600

export interface OutboxAcceptOptions {
  outbox: Outbox
  /** Hears why a job could not be stored. */
  onError?: (error: unknown) => void
}

/** Takes a job when it is stored: the worker does the rest. */
export const createOutboxAccept =
  ({ outbox, onError = () => {} }: OutboxAcceptOptions): Accept =>
  async (job) => {
    try {
      if ((await outbox.add(job)) !== 'full') return { status: 'accepted' }
      const [{ waiting }, { slots }] = await Promise.all([outbox.stats(), outbox.pace.state()])
      // So long, at least, does it take to bring what waits to User.com.
      return {
        status: 'later',
        retryAfterSeconds: Math.min(longestRetrySeconds, Math.max(1, Math.ceil(waiting / slots))),
      }
    } catch (error) {
      onError(error)
      return { status: 'later', retryAfterSeconds: failureRetrySeconds }
    }
  }
