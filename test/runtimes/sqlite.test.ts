import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { startStandIn } from '../../demo/standin'
import { startProgram } from '../support/startProgram'
import { findNode } from './runtimes'

const command = fileURLToPath(new URL('../../relay/bin/usercom-relay.js', import.meta.url))
const apiKey = 'Sq'.repeat(32)
const page = 'https://shop.example'

it.each([22, 24] as const)('a person outlives the relay in the SQLite of Node %i itself', async (major) => {
  const folder = mkdtempSync(join(tmpdir(), 'usercom-sqlite-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const standIn = await startStandIn({ apiKey })
  onTestFinished(() => standIn.close())
  const start = async () => {
    const relay = await startProgram(findNode(major), [command], /(http:\/\/127[^\s"]*)/, {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        USERCOM_SUBDOMAIN: 'acme',
        USERCOM_API_KEY: apiKey,
        USERCOM_API_URL: standIn.url,
        RELAY_ALLOWED_ORIGINS: page,
        RELAY_OUTBOX: 'sqlite:people.db',
        PORT: '0',
      },
    })
    onTestFinished(() => relay.stop())
    return relay
  }

  standIn.behave(() => new Response(null, { status: 503, headers: { 'retry-after': '60' } }))
  const first = await start()
  const answer = await fetch(`${first.found}/identify`, {
    method: 'POST',
    headers: { origin: page, 'content-type': 'text/plain' },
    body: '{"email":"kept@example.org"}',
  })
  expect(answer.status).toBe(202)
  await expect.poll(() => standIn.requests.length, { timeout: 20_000 }).toBeGreaterThan(0)
  await first.stop()
  expect(first.output()).toContain('node:sqlite')
  expect(standIn.users).toEqual([])

  standIn.behave()
  await start()
  await expect
    .poll(() => standIn.users, { timeout: 40_000, interval: 100 })
    .toMatchObject([{ email: 'kept@example.org' }])
})
