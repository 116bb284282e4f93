import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startStandIn } from '../../demo/standin'
import { startProgram } from '../support/startProgram'

const mounts = fileURLToPath(new URL('../../demo/mounts/', import.meta.url))
const apiKey = 'Mt'.repeat(32)
const page = 'https://shop.example'

/** Starts a mount by the command that its README gives, with a stand-in as User.com. */
const startMount = async (name: string) => {
  const standIn = await startStandIn({ apiKey })
  onTestFinished(() => standIn.close())
  const mount = await startProgram(
    'npm',
    ['run', '--silent', name],
    /(http:\/\/(?:127\.0\.0\.1|localhost):\d+)/,
    {
      cwd: mounts,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        USERCOM_SUBDOMAIN: 'acme',
        USERCOM_API_KEY: apiKey,
        USERCOM_API_URL: standIn.url,
        RELAY_ALLOWED_ORIGINS: page,
        PORT: '0',
        NEXT_TELEMETRY_DISABLED: '1',
      },
    },
  )
  onTestFinished(() => mount.stop())
  const post = async (body: BodyInit, contentType: string, origin = page) => {
    const response = await fetch(`${mount.found}/identify`, {
      method: 'POST',
      headers: { origin, 'content-type': contentType },
      body,
    })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  return { standIn, mount, post, url: mount.found }
}

describe.each(['express', 'fastify', 'hono', 'worker', 'next'])('demo/mounts/%s', (name) => {
  it('brings people to User.com', async () => {
    const { standIn, post, url, mount } = await startMount(name)
    const json = await post('{"email":" json@example.org "}', 'application/json')
    expect([json.status, json.text]).toEqual([202, ''])
    expect(json.headers.get('access-control-allow-origin')).toBe(page)
    const text = await post('{"email":"text@example.org","tags":[" new "]}', 'text/plain;charset=UTF-8')
    expect([text.status, text.text]).toEqual([202, ''])
    expect(standIn.users).toMatchObject([
      { email: 'json@example.org' },
      { email: 'text@example.org', tags: ['new'] },
    ])

    const preflight = await fetch(`${url}/identify`, {
      method: 'OPTIONS',
      headers: { origin: page, 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)

    const seen = standIn.requests.length
    expect((await post('{"email":"x@example.org"}', 'text/plain', 'https://evil.example')).status).toBe(403)
    expect((await post('{"email":"nonsense"}', 'application/json')).status).toBe(400)
    expect((await post(`{"email":"${'x'.repeat(40_000)}"}`, 'text/plain')).status).toBe(413)
    expect(standIn.requests).toHaveLength(seen)
    expect(mount.output()).not.toContain(apiKey)
  })
})
