import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createDeadCommand } from '../src/node/createDeadCommand.js'
import { createRetryCommand } from '../src/node/createRetryCommand.js'
import { openOutbox } from '../src/node/openOutbox.js'
import { serve } from '../src/node/serve.js'
import type { Outbox } from '../src/outbox.js'
import { createJob } from './outbox.suite.js'
import type { RedisServer } from './support/redis.js'
import { startRedis } from './support/redis.js'
import { startCommand } from './support/startCommand.js'
import { apiKey } from './support/startRelay.js'
import { startUpstream } from './support/startUpstream.js'

const reason = { code: 'refused' as const, status: 400, issues: [{ field: 'email', code: 'email' }] }
const bury = async (outbox: Outbox, count: number) => {
  for (let n = 0; n < count; n += 1) {
    await outbox.add(createJob({ email: `person-${n}@example.org`, first_name: 'Zsófia' }))
    const claim = await outbox.claim()
    if (!claim) throw new Error('Nothing was claimed')
    await outbox.bury(claim, reason)
  }
}

const createScreen = (isTTY: boolean) => {
  let text = ''
  return {
    output: { isTTY, columns: 80, write: (more: string) => ((text += more), true), on: () => {} },
    text: () => text,
  }
}

const runCommand = async (name: string, ...parameters: string[]) => {
  const { exited, output } = startCommand({ RELAY_OUTBOX: name }, parameters)
  return { code: await exited, ...output }
}

let redis: RedisServer
let folder: string
beforeAll(async () => {
  redis = await startRedis()
  folder = await mkdtemp(join(tmpdir(), 'usercom-dead-'))
})
afterAll(async () => {
  await redis.stop()
  await rm(folder, { recursive: true })
})
let lastPlace = 0
const places = {
  sqlite: () => `sqlite:${join(folder, `${lastPlace++}.db`)}`,
  redis: () => `${redis.url}/${lastPlace++ % 16}`,
}

describe.each(Object.entries(places))('usercom-relay dead and retry, on %s', (_name, createPlace) => {
  const open = async (name: string) => {
    const outbox = await openOutbox(name)
    onTestFinished(() => outbox.close())
    return outbox
  }

  it('lists JSON lines in a pipe: names and codes, nothing of a person', async () => {
    const name = createPlace()
    const outbox = await open(name)
    await bury(outbox, 2)
    const { code, stdout, stderr } = await runCommand(name, 'dead')
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const letters = await outbox.dead()
    expect(lines).toEqual(letters.map(({ id, i, at }) => ({ id, i, at: new Date(at).toISOString(), reason })))
    expect(lines).toHaveLength(2)
    expect(stdout).not.toMatch(/person-|Zsófia/)
  })

  it('shows a table on a terminal', async () => {
    const name = createPlace()
    await bury(await open(name), 1)
    const screen = createScreen(true)
    await createDeadCommand(() => name, screen.output).parseAsync([], { from: 'user' })
    expect(screen.text()).toMatch(/│ id .*│ i .*│ at .*│ reason/)
    expect(screen.text()).toContain('refused 400 email: email')
    expect(screen.text()).not.toMatch(/person-|Zsófia/)
  })

  it('puts back those that are named, and says how many there were', async () => {
    const name = createPlace()
    const outbox = await open(name)
    await bury(outbox, 3)
    const [first] = await outbox.dead()
    const { code, stdout } = await runCommand(name, 'retry', first?.id ?? '')
    expect([code, stdout]).toEqual([0, '1 of 1 dead letters wait again\n'])
    expect(await outbox.stats()).toMatchObject({ waiting: 1, dead: 2 })
    expect(await runCommand(name, 'retry', first?.id ?? '')).toMatchObject({
      code: 1,
      stdout: '0 of 1 dead letters wait again\n',
    })
  })

  it('puts back all, beside a relay that runs, which brings them to User.com', async () => {
    const name = createPlace()
    const upstream = await startUpstream(() => ({
      status: 400,
      body: { email: ['Enter a valid email address.'] },
    }))
    const relay = await serve({
      subdomain: 'acme',
      apiKey,
      apiUrl: upstream.url,
      knownEmail: 'create',
      port: 0,
      outbox: name,
    })
    onTestFinished(async () => {
      await relay.close()
      await upstream.close()
    })
    const beside = await open(name)
    for (let n = 0; n < 3; n += 1) await beside.add(createJob({ email: `person-${n}@example.org` }))
    await vi.waitUntil(async () => (await beside.stats()).dead === 3, { timeout: 20_000 })

    upstream.answerWith(() => ({ status: 201, body: { id: 7 } }))
    expect(await runCommand(name, 'retry')).toMatchObject({
      code: 0,
      stdout: '3 of 3 dead letters wait again\n',
      stderr: '',
    })
    await vi.waitUntil(() => upstream.calls.length === 6, { timeout: 20_000 })
    await vi.waitUntil(async () => (await beside.stats()).waiting === 0, { timeout: 20_000 })
    expect(await beside.stats()).toEqual({ waiting: 0, dead: 0 })
  })

  it('draws a bar on a terminal, not into a pipe', async () => {
    const name = createPlace()
    const outbox = await open(name)
    await bury(outbox, 2)
    const [pipe, screen] = [createScreen(false), createScreen(true)]
    await createRetryCommand(() => name, pipe.output, screen.output).parseAsync(['--all'], { from: 'user' })
    expect(screen.text()).toMatch(/█ 2 of 2|█ 0 of 2|░ 0 of 2/)
    expect(pipe.text()).toBe('2 of 2 dead letters wait again\n')
  })
})

describe('usercom-relay dead and retry', () => {
  it.each([
    ['none', 'keeps no dead letters'],
    ['memory:', 'keeps no dead letters'],
    ['sqlite:./not-there.db', 'there is no such file'],
    ['nosuch:', 'must be one of'],
  ])('says in one line that there is nothing to see in %s', async (name, message) => {
    for (const command of ['dead', 'retry']) {
      const { code, stdout, stderr } = await runCommand(name, command)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(new RegExp(`^RELAY_OUTBOX: .*${message}.*\n$`))
    }
  })

  it('tells what it can do, and what it does not know', async () => {
    const help = await runCommand('none', '--help')
    expect(help.code).toBe(0)
    expect(help.stdout).toMatch(/dead[\s\S]*retry/)
    expect(await runCommand('none', 'ded')).toMatchObject({ code: 1, stdout: '' })
    expect((await runCommand('none', '--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
