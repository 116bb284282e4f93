import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toClientAddress } from '../src/toClientAddress.js'
import { openRedisAllowances } from '../src/node/redisAllowance.js'
import { page, startRelay } from './support/startRelay.js'
import { startRedis } from './support/redis.js'

const john = { email: 'myemail@example.org' }

describe('whose allowance a call counts on', () => {
  it.each([
    ['203.0.113.7', null, 0, '203.0.113.7'],
    ['::ffff:203.0.113.7', null, 0, '203.0.113.7'],
    // One household or server has a whole /64, and could call from each address of it.
    ['2001:db8:1:2:3:4:5:6', null, 0, '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', null, 0, '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', null, 0, '2001:db8:1:3::/64'],
    ['fe80::1%eth0', null, 0, 'fe80:0:0:0::/64'],
    // The default believes no one.
    ['203.0.113.7', '198.51.100.1', 0, '203.0.113.7'],
    // Counted from the right: what is further left, the client wrote.
    ['10.0.0.1', '198.51.100.1', 1, '198.51.100.1'],
    ['10.0.0.1', '6.6.6.6, 198.51.100.1', 1, '198.51.100.1'],
    ['10.0.0.1', '6.6.6.6, 198.51.100.1, 10.0.0.2', 2, '198.51.100.1'],
    ['10.0.0.1', '6.6.6.6,7.7.7.7,198.51.100.1', 1, '198.51.100.1'],
    // Fewer than there should be: someone came past the first proxy.
    ['10.0.0.1', '198.51.100.1', 3, '198.51.100.1'],
    ['10.0.0.1', null, 2, '10.0.0.1'],
    // As some proxies write them.
    ['10.0.0.1', '198.51.100.1:50123', 1, '198.51.100.1'],
    ['10.0.0.1', '[2001:db8:1:2::9]:443', 1, '2001:db8:1:2::/64'],
    ['10.0.0.1', 'unknown', 1, '10.0.0.1'],
    ['10.0.0.1', '', 1, '10.0.0.1'],
    [undefined, null, 0, undefined],
    [undefined, '198.51.100.1', 1, '198.51.100.1'],
  ])('%s with X-Forwarded-For %s behind %i is %s', (peer, forwarded, trustProxy, expected) => {
    expect(toClientAddress(peer, forwarded, trustProxy)).toBe(expected)
  })

  it('a client cannot get another allowance by a header of its own', async () => {
    const { post } = await startRelay({ clientPerMinute: 1, knownEmail: 'create' })
    const from = async (address: string) =>
      (await post(john, { headers: { 'x-forwarded-for': address, 'x-real-ip': address } })).status
    expect([await from('198.51.100.1'), await from('198.51.100.2')]).toEqual([202, 429])
  })

  it('behind a proxy each client has its own', async () => {
    const { post } = await startRelay({ clientPerMinute: 1, trustProxy: 1, knownEmail: 'create' })
    const from = async (addresses: string) =>
      (await post(john, { headers: { 'x-forwarded-for': addresses } })).status
    expect(await from('198.51.100.1')).toBe(202)
    expect(await from('198.51.100.2')).toBe(202)
    expect(await from('198.51.100.3, 198.51.100.1')).toBe(429)
    expect(await from('2001:db8:1:2::1')).toBe(202)
    expect(await from('2001:db8:1:2::2')).toBe(429)
  })

  it('is counted before anything is read, so that rubbish costs too', async () => {
    const { post } = await startRelay({ clientPerMinute: 2, knownEmail: 'create' })
    await post(0, { body: 'rubbish' })
    await post({ email: 'a@@b.co' })
    expect((await post(john)).status).toBe(429)
  })
})

describe('the allowance of all the unverified together', () => {
  it('holds whoever has many addresses, and says when to come back', async () => {
    const { post, upstream } = await startRelay({
      unverifiedPerHour: 2,
      trustProxy: 1,
      knownEmail: 'create',
    })
    const from = (address: string) => post(john, { headers: { 'x-forwarded-for': address } })
    expect((await from('198.51.100.1')).status).toBe(202)
    expect((await from('198.51.100.2')).status).toBe(202)
    const answer = await from('198.51.100.3')
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(3_500)
    expect(upstream.calls).toHaveLength(2)
  })

  it('is not used up by what is refused anyway', async () => {
    const { post } = await startRelay({ unverifiedPerHour: 1, knownEmail: 'create' })
    await post({ email: 'a@@b.co' })
    await post(0, { body: 'rubbish' })
    expect((await post(john)).status).toBe(202)
  })
})

describe('several instances on one Redis', () => {
  it('share a client’s allowance, and each goes on by itself while Redis is away', async () => {
    const redis = await startRedis()
    onTestFinished(redis.stop)
    const [first, second] = await Promise.all([
      openRedisAllowances(redis.url),
      openRedisAllowances(redis.url),
    ])
    onTestFinished(() => {
      first.close()
      second.close()
    })
    const [one, two] = [first, second].map(({ create }) => create('client', { points: 2, seconds: 60 }))
    expect(await one?.take('198.51.100.1')).toBe(0)
    expect(await two?.take('198.51.100.1')).toBe(0)
    expect(await one?.take('198.51.100.1')).toBeGreaterThan(0)
    expect(await two?.take('198.51.100.1')).toBeGreaterThan(0)
    expect(await two?.take('198.51.100.2')).toBe(0)
    await redis.stop()
    expect(await one?.take('198.51.100.9')).toBe(0)
    expect(await one?.take('198.51.100.9')).toBe(0)
    expect(await one?.take('198.51.100.9')).toBeGreaterThan(0)
  })
})

describe('slow and large requests', () => {
  /** A connection that sends one byte a second, and how it ends. */
  const dribble = async (port: number, begin: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    let heard = ''
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    await once(socket, 'connect')
    socket.write(begin)
    const timer = setInterval(() => socket.write('a'), 1_000)
    const closed = once(socket, 'close').then(() => {
      clearInterval(timer)
      return heard
    })
    return { socket, closed }
  }

  it('200 connections that send a byte a second keep no one waiting, and are gone within a minute', async () => {
    const { relay, post } = await startRelay({ knownEmail: 'create', clientPerMinute: 1_000 })
    const body = `POST /identify HTTP/1.1\r\nHost: x\r\nOrigin: ${page}\r\nContent-Type: text/plain\r\nContent-Length: 30000\r\n\r\n`
    const begins = ['POST /identify HTTP/1.1\r\nHost: x\r\nX-Slow: ', body]
    const slow = await Promise.all(
      Array.from({ length: 200 }, (_, index) => dribble(relay.port, begins[index % 2] ?? '')),
    )
    const sockets: Socket[] = slow.map(({ socket }) => socket)
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()))
    expect((await post(john)).status).toBe(202)
    expect(sockets.every((socket) => !socket.destroyed)).toBe(true)
    const heard = await Promise.all(slow.map(({ closed }) => closed))
    expect(heard.filter((text) => !/^HTTP\/1\.1 408/.test(text))).toEqual([])
  })

  it('headers over 16 KiB are refused', async () => {
    const { post } = await startRelay()
    expect((await post(john, { headers: { 'x-large': 'x'.repeat(17_000) } })).status).toBe(431)
  })
})
