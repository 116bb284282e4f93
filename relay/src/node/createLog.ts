import type { DestinationStream } from 'pino'
import { pino } from 'pino'
import type { RelayEvent, Report } from '../report.js'

type Level = 'info' | 'warn' | 'error'

interface Line {
  level: Level
  text: string
  fields: Record<string, string | number>
}

export interface Log {
  report: Report
  write(level: Level, text: string, fields?: Line['fields']): void
}

/** The same line again is only counted until so long after the first: an attack or an outage must not fill the disk. */
const repeatAfterMs = 60_000

const advice = {
  key: 'User.com refuses the API key: nothing is sent, everything is kept',
  redirect: 'User.com redirects, which is never followed: nothing is sent, everything is kept',
  path: 'User.com is not at this address: nothing is sent, everything is kept',
} as const

/** What is worth a line. Names, codes and numbers: events hold nothing else. */
const lines: {
  [Event in RelayEvent as Event['event']]: (event: Event) => Line | undefined
} = {
  answered: ({ status, reason }) =>
    status === 202
      ? undefined
      : { level: 'warn', text: 'An identify was refused', fields: { reason, status } },
  upstream: () => undefined,
  settled: ({ as, outcome, i, attempts }) =>
    as === 'dead'
      ? { level: 'warn', text: 'An identify went to the dead letters', fields: { i, attempts } }
      : as === 'again'
        ? { level: 'warn', text: 'A delivery was put off', fields: { outcome } }
        : undefined,
  stopped: ({ reason, status }) => ({ level: 'error', text: advice[reason], fields: { reason, status } }),
  resumed: () => ({ level: 'info', text: 'User.com takes identifies again', fields: {} }),
  dropped: ({ count }) => ({ level: 'warn', text: 'Dead letters were dropped', fields: { count } }),
  failed: ({ where, error }) => ({ level: 'error', text: 'Something failed', fields: { where, error } }),
}

/**
 * JSON lines, on the standard output unless another place is given.
 * @param now Unix milliseconds
 */
export const createLog = (destination?: DestinationStream, now: () => number = () => Date.now()): Log => {
  const options = {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  }
  const logger = destination ? pino(options, destination) : pino(options)
  const repeated = new Map<string, { since: number; count: number }>()

  /** How often a line was held back since it was written last; `undefined`: it is held back now. */
  const heldBack = (name: string): number | undefined => {
    const before = repeated.get(name)
    if (before && now() - before.since < repeatAfterMs) {
      before.count += 1
      return undefined
    }
    repeated.set(name, { since: now(), count: 0 })
    return before?.count ?? 0
  }

  const write: Log['write'] = (level, text, fields = {}) => logger[level](fields, text)

  return {
    write,
    report: (event) => {
      const line = (lines[event.event] as (event: RelayEvent) => Line | undefined)(event)
      if (!line) return
      const { level, text, fields } = line
      if (event.event === 'settled' && event.as === 'dead') return write(level, text, fields)
      const count = heldBack(text + JSON.stringify(fields))
      if (count !== undefined) write(level, text, count ? { ...fields, repeated: count } : fields)
    },
  }
}
