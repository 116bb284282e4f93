import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Outbox } from '../outbox.js'
import type { RelayEvent, Report } from '../report.js'
import { createRate } from './createRate.js'

export interface Metrics {
  report: Report
  /** The text that Prometheus reads. Never rejects because of the outbox: one that is away is a metric, too. */
  render(): Promise<{ text: string; contentType: string }>
}

/** A call may take ten seconds; User.com's usual answer takes a fraction of one. */
const latencyBuckets = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Counts what happened. Labels are codes of ours: nothing that a visitor or User.com sent is ever one. */
export const createMetrics = (outbox?: Outbox): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name: `usercom_relay_${name}`, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `usercom_relay_${name}`, help, labelNames, registers })

  const accepted = counter('accepted_total', 'Identifies answered 202')
  const unverified = counter('unverified_total', 'Of those, the ones that no token and no hook vouched for')
  const refused = counter('refused_total', 'Identifies answered otherwise, by reason', 'reason')
  const delivered = counter('delivered_total', 'Identifies that User.com has, by way of the outbox')
  const retried = counter('retried_total', 'Deliveries put off, by why', 'outcome')
  const dead = counter('dead_total', 'Identifies that went to the dead letters')
  const dropped = counter('dead_dropped_total', 'Dead letters dropped, being too old or too many')
  const failed = counter('failures_total', 'Faults of the relay or of its outbox, by where', 'where')
  const calls = new Histogram({
    name: 'usercom_relay_upstream_seconds',
    help: 'Calls to User.com: how long they took, by which and by outcome',
    labelNames: ['call', 'outcome'],
    buckets: latencyBuckets,
    registers,
  })
  const stopped = gauge('stopped', '1 while nothing is sent, by why', 'reason')
  for (const reason of ['key', 'redirect', 'path']) stopped.set({ reason }, 0)
  const drain = gauge('drain_per_second', 'Identifies that left the outbox each second, over the last minute')
  const up = outbox && gauge('outbox_up', '1 while the outbox can be reached')
  const waiting = outbox && gauge('outbox_waiting', 'Identifies that wait in the outbox')
  const deadNow = outbox && gauge('outbox_dead', 'Dead letters there are')
  const oldest = outbox && gauge('outbox_oldest_age_seconds', 'How long the oldest has waited')
  const slots = outbox && gauge('upstream_slots', 'Calls to User.com that may be under way in one second')
  const paused = outbox && gauge('upstream_paused_seconds', 'For how long no call is made, as User.com asked')
  collectDefaultMetrics({ register: registry })
  const rate = createRate()

  const handlers: { [Event in RelayEvent as Event['event']]: (event: Event) => void } = {
    answered: ({ status, reason, verified }) => {
      if (status !== 202) return refused.inc({ reason })
      accepted.inc()
      if (!verified) unverified.inc()
    },
    upstream: ({ call, outcome, durationMs }) => calls.observe({ call, outcome }, durationMs / 1_000),
    settled: ({ as, outcome }) => {
      if (as === 'again') return retried.inc({ outcome })
      rate.count()
      if (as === 'dead') dead.inc()
      else delivered.inc()
    },
    stopped: ({ reason }) => stopped.set({ reason }, 1),
    resumed: () => {
      for (const reason of ['key', 'redirect', 'path']) stopped.set({ reason }, 0)
    },
    dropped: ({ count }) => dropped.inc(count),
    failed: ({ where }) => failed.inc({ where }),
  }

  const lookAtOutbox = async () => {
    if (!outbox) return
    const look = Promise.all([outbox.stats(), outbox.pace.state()])
    const found = await look.catch(() => undefined)
    up?.set(found ? 1 : 0)
    if (!found) return
    const [stats, pace] = found
    waiting?.set(stats.waiting)
    deadNow?.set(stats.dead)
    oldest?.set(stats.oldestAt === undefined ? 0 : Math.max(0, Date.now() - stats.oldestAt) / 1_000)
    slots?.set(pace.slots)
    paused?.set(Math.max(0, pace.pausedUntil - Date.now()) / 1_000)
  }

  return {
    report: (event) => (handlers[event.event] as (event: RelayEvent) => void)(event),
    render: async () => {
      await lookAtOutbox()
      drain.set(rate.perSecond())
      return { text: await registry.metrics(), contentType: registry.contentType }
    },
  }
}
