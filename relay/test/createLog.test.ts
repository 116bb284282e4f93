import { describe, expect, it, vi } from 'vitest'
import { createLog } from '../src/node/createLog.js'
import { startRelay, unsaid } from './support/startRelay.js'

const startLog = () => {
  let clock = 0
  const text: string[] = []
  const log = createLog({ write: (line: string) => void text.push(line) }, () => clock)
  return {
    log,
    lines: () => text.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => text.join(''),
    pass: (ms: number) => (clock += ms),
  }
}

describe('the log', () => {
  it('is JSON lines: what was refused, dead and stopped, with names and codes alone', async () => {
    const { log, lines, text } = startLog()
    const { post, events } = await startRelay(
      { outbox: 'memory:', knownEmail: 'create', report: log.report },
      ({ body }) =>
        body.includes('never')
          ? { status: 400, body: { email: ['Enter a valid email address.'] } }
          : { status: 401, body: { detail: 'Invalid token.' } },
    )
    await post({ email: 'someone.private@example.org', first_name: 'x'.repeat(41) })
    await post({ email: 'never@example.org', first_name: 'Zsófia' }, { query: '?i=call-1' })
    await vi.waitUntil(() => lines().some(({ msg }) => String(msg).includes('dead letters')))
    await post({ email: 'someone.private@example.org', first_name: 'Zsófia' })
    await vi.waitUntil(() => lines().some(({ level }) => level === 'error'))
    expect(lines()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ level: 'warn', reason: 'attributes', status: 400 }),
        expect.objectContaining({ level: 'warn', i: 'call-1', msg: expect.stringContaining('dead letters') }),
        expect.objectContaining({ level: 'error', reason: 'key', status: 401 }),
      ]),
    )
    expect(lines().every(({ time }) => !Number.isNaN(Date.parse(String(time))))).toBe(true)
    for (const secret of [...unsaid, 'private', 'Zsófia', 'never@', '127.0.0.1', 'Invalid token'])
      expect(text()).not.toContain(secret)
    expect(events).toEqual([])
  })

  it('counts what is said again and again, instead of saying it', () => {
    const { log, lines, pass } = startLog()
    const refuse = (reason: string) => log.report({ event: 'answered', status: 403, reason, verified: false })
    for (let n = 0; n < 1_000; n += 1) refuse('origin')
    refuse('client_limit')
    expect(lines().map(({ reason }) => reason)).toEqual(['origin', 'client_limit'])
    pass(60_000)
    refuse('origin')
    expect(lines().at(-1)).toMatchObject({ reason: 'origin', repeated: 999 })
  })

  it('says each dead letter, and nothing of what went well', () => {
    const { log, lines } = startLog()
    const settle = (as: 'dead' | 'delivered') =>
      log.report({ event: 'settled', as, outcome: 'never', i: 'i', attempts: 0, waitedMs: 1 })
    settle('dead')
    settle('dead')
    settle('delivered')
    log.report({ event: 'answered', status: 202, reason: 'accepted', verified: false })
    expect(lines()).toHaveLength(2)
  })
})
