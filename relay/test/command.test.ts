import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startCommand } from './support/startCommand.js'
import { apiKey, page } from './support/startRelay.js'
import { startUpstream } from './support/startUpstream.js'

const environment = {
  USERCOM_SUBDOMAIN: 'acme',
  USERCOM_API_KEY: apiKey,
  RELAY_ALLOWED_ORIGINS: `https://other.example, ${page}`,
  RELAY_OUTBOX: 'none',
  PORT: '0',
}

const startWithUpstream = async (answer?: Parameters<typeof startUpstream>[0]) => {
  const upstream = await startUpstream(answer)
  onTestFinished(upstream.close)
  const command = startCommand({ ...environment, USERCOM_API_URL: upstream.url })
  return { upstream, command, url: await command.listening() }
}

const identify = (url: string, attributes: unknown) =>
  fetch(`${url}/identify`, {
    method: 'POST',
    headers: { origin: page, 'content-type': 'text/plain' },
    body: JSON.stringify(attributes),
  })

it('serves what the environment says, and shows no key', async () => {
  const { upstream, command, url } = await startWithUpstream()
  expect((await identify(url, { email: 'a@b.co' })).status).toBe(202)
  expect(upstream.calls[0]?.headers.authorization).toBe(`Token ${apiKey}`)
  const { stdout, stderr } = command.output
  expect(stdout + stderr).not.toContain(apiKey)
  expect(stdout + stderr).not.toContain('a@b.co')
})

describe('SIGTERM', () => {
  it('ends what is under way, takes nothing new, and exits 0', async () => {
    const { upstream, command, url } = await startWithUpstream()
    const isUnderWay = new Promise<void>((resolve) => {
      upstream.answerWith(({ method }) => {
        if (method === 'GET') return { status: 404, body: {} }
        resolve()
        return 'hang'
      })
    })
    const answered = identify(url, { email: 'a@b.co' })
    await isUnderWay
    command.child.kill('SIGTERM')
    upstream.answerHanging({ status: 201, body: { id: 1 } })
    expect((await answered).status).toBe(202)
    expect(await command.exited).toBe(0)
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })

  it('is not held up by connections that wait for nothing', async () => {
    const { command, url } = await startWithUpstream()
    const { port, hostname } = new URL(url)
    const idle = connect(Number(port), hostname)
    onTestFinished(() => void idle.destroy())
    await once(idle, 'connect')
    idle.on('error', () => {})
    command.child.kill('SIGTERM')
    expect(await command.exited).toBe(0)
  })
})

describe('is refused at start', () => {
  it('with one line for each thing wrong on stderr, and 1', async () => {
    const { exited, output } = startCommand({
      USERCOM_SUBDOMAIN: 'not a subdomain',
      USERCOM_API_KEY: 'not-a-key-but-secret',
      RELAY_ALLOWED_ORIGINS: 'https://fine.example,wrong-origin',
      RELAY_TRUST_PROXY: 'all',
      PORT: 'eighty',
      RELAY_OUTBOX: 'none',
    })
    expect(await exited).toBe(1)
    expect(output.stdout).toBe('')
    const lines = output.stderr.trim().split('\n')
    expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'USERCOM_SUBDOMAIN',
      'USERCOM_API_KEY',
      'RELAY_ALLOWED_ORIGINS',
      'RELAY_TRUST_PROXY',
      'PORT',
    ])
    expect(output.stderr).not.toMatch(/not a sub|secret|wrong-origin|all|eighty/)
  })

  it('with nothing set, naming what is missing', async () => {
    const { exited, output } = startCommand({})
    expect(await exited).toBe(1)
    expect(output.stderr).toContain('USERCOM_SUBDOMAIN: is missing')
    expect(output.stderr).toContain('USERCOM_API_KEY: is missing')
  })

  it('where the port is taken, in one line', async () => {
    const { url } = await startWithUpstream()
    const { exited, output } = startCommand({ ...environment, PORT: new URL(url).port })
    expect(await exited).toBe(1)
    expect(output.stderr.trim().split('\n')).toHaveLength(1)
  })
})
