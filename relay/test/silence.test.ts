import { SignJWT } from 'jose'
import { expect, it, onTestFinished } from 'vitest'
import { startCommand } from './support/startCommand.js'
import { apiKey, page, unsaid } from './support/startRelay.js'
import type { UpstreamAnswer } from './support/startUpstream.js'
import { answerAsNew, secretUser, startUpstream } from './support/startUpstream.js'

const tokenSecret = 'a secret of the site of 32 bytes'
const person = {
  email: 'private.person@example.org',
  first_name: 'Privatefirst',
  last_name: 'Privatelast',
  phone_number: '+12025550123',
  plan: 'privateplan',
}

/** What User.com does in turn, from the best to the worst. */
const moods: [string, UpstreamAnswer | undefined][] = [
  ['works', undefined],
  ['knows the person', { status: 200, body: secretUser }],
  ['refuses the attributes', { status: 400, body: { plan: [`No ${person.plan} for ${person.email}`] } }],
  ['is throttling', { status: 429, headers: { 'retry-after': '1' }, body: { detail: person.email } }],
  ['is down', { status: 500, body: `<html>${secretUser.key}</html>` }],
  ['answers rubbish', { status: 200, body: `<html>${secretUser.key}</html>` }],
  ['refuses the key', { status: 401, body: { detail: `Invalid token ${apiKey}` } }],
  ['redirects', { status: 302, headers: { location: `https://evil.example/?k=${apiKey}` }, body: '' }],
]

it.each(['none', 'memory:', 'sqlite:./outbox.db'])(
  'no answer, header, log line or metric holds the key, User.com’s answer or a person, with the outbox %s',
  async (outbox) => {
    const upstream = await startUpstream()
    onTestFinished(upstream.close)
    const command = startCommand({
      USERCOM_SUBDOMAIN: 'acme',
      USERCOM_API_KEY: apiKey,
      USERCOM_API_URL: upstream.url,
      RELAY_ALLOWED_ORIGINS: page,
      RELAY_TOKEN_SECRET: tokenSecret,
      RELAY_OUTBOX: outbox,
      PORT: '0',
    })
    const url = await command.listening()
    const token = await new SignJWT({ email: person.email })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('privatesubject')
      .setAudience('usercom-relay')
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(tokenSecret))

    const said: string[] = []
    const hear = async (path: string, init?: RequestInit) => {
      const answer = await fetch(url + path, { redirect: 'manual', ...init })
      said.push(`${path} ${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`)
      return answer.status
    }
    const post = (body: unknown, headers: Record<string, string> = {}) =>
      hear('/identify', {
        method: 'POST',
        headers: { origin: page, 'content-type': 'text/plain', ...headers },
        body: JSON.stringify(body),
      })

    for (const [mood, answer] of moods) {
      upstream.answerWith((call) => answer ?? answerAsNew(call))
      const statuses = [
        await post(person),
        await post({ ...person, email: `other.${person.email}` }),
        await post(person, { authorization: `Bearer ${token}` }),
        await post(person, { authorization: `Bearer ${token}x` }),
        await post({ ...person, custom_id: 'privatesubject' }),
        await post({ ...person, email: 'private.person@@example.org', score: 5 }),
      ]
      expect([mood, statuses.filter((status) => ![202, 400, 401, 422, 503].includes(status))]).toEqual([
        mood,
        [],
      ])
    }
    for (const path of ['/metrics', '/readyz', '/healthz', '/usercom.js', '/nothing']) await hear(path)
    command.child.kill('SIGTERM')
    expect(await command.exited).toBe(0)

    const { stdout, stderr } = command.output
    const all = [...said, stdout, stderr].join('\n')
    const metrics = said.find((text) => text.startsWith('/metrics')) ?? ''
    const count = (name: string) =>
      Number(new RegExp(`^usercom_relay_${name} (\\d+)$`, 'm').exec(metrics)?.[1])
    expect(count('unverified_total')).toBeGreaterThan(0)
    expect(count('accepted_total')).toBeGreaterThan(count('unverified_total'))
    expect(stdout).not.toBe('')
    const never = [
      ...unsaid,
      ...Object.values(person),
      tokenSecret,
      token,
      'private.person',
      'privatesubject',
      'evil.example',
    ]
    for (const text of never) expect(all.includes(text) ? text : '').toBe('')
  },
)
