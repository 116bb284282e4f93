import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { limitConnections } from '../src/node/connectionLimits.js'
import { page, startRelay } from './support/startRelay.js'

/** Sends bytes as they are, and waits until the other side has closed. */
const exchange = async (port: number, bytes: string) => {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

const toRequest = (headers: string[]) =>
  [
    'POST /identify HTTP/1.1',
    'Host: relay.example.com',
    'Connection: close',
    'Content-Type: application/json',
    'Content-Length: 18',
    ...headers,
    '',
    '{"email":"a@b.co"}',
  ].join('\r\n')

const fillers = (count: number) => Array.from({ length: count }, (_, index) => `X-Filler-${index}: 1`)

describe('a request of the relay’s', () => {
  it('may have some headers of its own', async () => {
    const { relay, upstream } = await startRelay()
    expect(await exchange(relay.port, toRequest([...fillers(80), `Origin: ${page}`]))).toMatch(
      /^HTTP\/1.1 202 /,
    )
    expect(upstream.calls).not.toEqual([])
  })

  it('has its first hundred headers read, and no more', async () => {
    const { relay, upstream } = await startRelay()
    expect(await exchange(relay.port, toRequest([...fillers(120), `Origin: ${page}`]))).toMatch(
      /^HTTP\/1.1 403 /,
    )
    expect(upstream.calls).toEqual([])
  })
})

describe('a server with limits', () => {
  const start = async (limits: Parameters<typeof limitConnections>[1]) => {
    // Never answers.
    const server = createServer(() => {})
    limitConnections(server, limits)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return (server.address() as AddressInfo).port
  }

  it('closes a connection beyond the most that it takes, and leaves those that it has', async () => {
    const port = await start({ maxConnections: 1 })
    const first = connect(port, '127.0.0.1')
    onTestFinished(() => void first.destroy())
    await once(first, 'connect')
    expect(await exchange(port, toRequest([]))).toBe('')
    expect(first.closed).toBe(false)
  })

  it('closes a connection on which nothing moves', async () => {
    const port = await start({ silenceTimeoutMs: 50 })
    expect(await exchange(port, toRequest([]))).toBe('')
  })
})
