import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from 'usercom-relay/node'
import { startSite } from './startSite'
import { startStandIn } from './standin'

const { USERCOM_SUBDOMAIN, USERCOM_API_KEY, PORT } = process.env
const isReal = Boolean(USERCOM_SUBDOMAIN && USERCOM_API_KEY)
const standInKey = 'demo'.repeat(16)

/** Everything that was started, to be closed in the opposite order. */
const closers: (() => unknown)[] = []
let isClosing = false
async function close() {
  if (isClosing) return
  isClosing = true
  for (const closer of closers.reverse()) await closer()
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void close())

const standIn = isReal ? undefined : await startStandIn({ apiKey: standInKey, port: await freePort(4402) })
if (standIn) closers.push(() => standIn.close())

let relayUrl = ''
const site = await startSite({
  port: await freePort(Number(PORT) || 4400),
  relayUrl: () => relayUrl,
  usersUrl: standIn?.pageUrl ?? `https://${USERCOM_SUBDOMAIN}.user.com/`,
  appName: standIn ? 'a stand-in for User.com' : 'your User.com app',
})
closers.push(() => site.close())

const relay = await serve({
  ...(standIn
    ? { subdomain: 'demo', apiKey: standInKey, apiUrl: standIn.url }
    : { subdomain: USERCOM_SUBDOMAIN!, apiKey: USERCOM_API_KEY! }),
  allowedOrigins: [`http://localhost:${site.port}`, `http://127.0.0.1:${site.port}`],
  outbox: `sqlite:${join(outboxFolder(), 'outbox.db')}`,
  port: await freePort(4401),
})
closers.push(() => relay.close())
relayUrl = relay.url

console.log(`
  The demo page     http://localhost:${site.port}
  ${standIn ? `Who arrived       ${standIn.pageUrl}` : `Who arrived       in your User.com app`}
  The relay         ${relay.url}

  Ctrl-C ends it all.
`)

/** People who wait for the real app must survive a restart; those who wait for a stand-in go with it. */
function outboxFolder(): string {
  if (isReal) {
    const folder = fileURLToPath(new URL('../.cache/', import.meta.url))
    mkdirSync(folder, { recursive: true })
    return folder
  }
  const folder = mkdtempSync(join(tmpdir(), 'usercom-demo-'))
  closers.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The wanted port, or any other where that one is taken. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(0))
    probe.listen(wanted, '127.0.0.1', () => probe.close(() => resolve(wanted)))
  })
}
