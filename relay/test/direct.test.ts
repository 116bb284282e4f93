import { SignJWT } from 'jose'
import { expect, it, onTestFinished } from 'vitest'
import type { StandInOptions } from '../../demo/standin/index.js'
import { startStandIn } from '../../demo/standin/index.js'
import { apiKey, startRelay } from './support/startRelay.js'

const tokenSecret = 'a secret of the site of 32 bytes'

const start = async (options = {}, standInOptions: StandInOptions = {}) => {
  const standIn = await startStandIn({ apiKey, ...standInOptions })
  const started = await startRelay({ apiUrl: standIn.url, tokenSecret, ...options })
  onTestFinished(() => standIn.close())
  return { ...started, standIn }
}

it('brings someone new to User.com, trimmed', async () => {
  const { post, standIn } = await start()
  const answer = await post({ email: ' ann@example.org ', first_name: ' Ann ', tags: [' new ', 'new', ''] })
  expect(answer.status).toBe(202)
  expect(standIn.users).toMatchObject([{ email: 'ann@example.org', first_name: 'Ann', tags: ['new'] }])
})

it('of someone known adds the tags, and changes nothing else', async () => {
  const { post, standIn } = await start()
  await post({ email: 'ann@example.org', first_name: 'Ann', tags: ['one'] })
  await post({ email: 'ann@example.org', first_name: 'Mallory', tags: ['two'] })
  expect(standIn.users).toMatchObject([{ first_name: 'Ann', tags: ['one', 'two'] }])
})

it('updates the one whom a token names', async () => {
  const { post, standIn } = await start()
  const token = await new SignJWT({ email: 'ann@example.org' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('person-7')
    .setAudience('usercom-relay')
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(tokenSecret))
  const headers = { authorization: `Bearer ${token}` }
  expect((await post({ first_name: 'Ann' }, { headers })).status).toBe(202)
  expect((await post({ first_name: 'Anna' }, { headers })).status).toBe(202)
  expect(standIn.users).toMatchObject([
    { custom_id: 'person-7', email: 'ann@example.org', first_name: 'Anna' },
  ])
})

it('draws no 429 by its own doing', { timeout: 120_000 }, async () => {
  const { post, standIn } = await start({ knownEmail: 'create', clientPerMinute: 1_000 }, { latencyMs: 50 })
  const people = Array.from({ length: 30 }, (_, index) => ({ email: `p${index}@example.org` }))
  const answers = await Promise.all(people.map((person) => post(person)))
  expect(answers.map(({ status }) => status)).toEqual(people.map(() => 202))
  expect(standIn.requests.filter(({ status }) => status === 429)).toEqual([])
  expect(standIn.users).toHaveLength(30)
})

it('a wrong key is 503 to the page, and no more', async () => {
  const { post, standIn, said } = await start({ apiKey: 'Xy'.repeat(32) })
  const answer = await post({ email: 'ann@example.org' })
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60'])
  expect(standIn.users).toEqual([])
  expect(said.join()).not.toContain('Xy'.repeat(8))
})
