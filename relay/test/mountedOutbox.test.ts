import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createRelay } from 'usercom-relay'
import { openOutbox } from 'usercom-relay/node'
import { startStandIn } from '../../demo/standin'

it('a mounted relay keeps people in an outbox that was opened by name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'usercom-mounted-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const apiKey = 'k1'.repeat(32)
  const standIn = await startStandIn({ apiKey })
  onTestFinished(() => standIn.close())
  const outbox = await openOutbox(`sqlite:${join(folder, 'outbox.db')}`)
  const relay = createRelay({
    subdomain: 'demo',
    apiKey,
    apiUrl: standIn.url,
    allowedOrigins: ['https://shop.example'],
    outbox,
  })
  onTestFinished(() => relay.close())
  const answer = await relay.fetch(
    new Request('https://relay.example/identify', {
      method: 'POST',
      headers: { origin: 'https://shop.example', 'content-type': 'text/plain;charset=UTF-8' },
      body: JSON.stringify({ email: 'mounted@example.org' }),
    }),
    { address: '203.0.113.9' },
  )
  expect(answer.status).toBe(202)
  await vi.waitUntil(() => standIn.users.length === 1, { timeout: 20_000 })
  expect(standIn.users[0]!.email).toBe('mounted@example.org')
})
