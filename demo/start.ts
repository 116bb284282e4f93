import { serve } from 'usercom-relay/node'
import { listenOnFreePort } from './listenOnFreePort'
import { openApp } from './openApp'
import { startSite } from './startSite'
import { toNotice } from './toNotice'

/** Everything that was started, to be closed in the opposite order. */
const closers: (() => Promise<unknown>)[] = []
let isClosing = false

async function close(exitCode: number) {
  if (isClosing) return
  isClosing = true
  for (const closer of closers.reverse()) await closer().catch(console.error)
  process.exit(exitCode)
}

async function start(): Promise<string> {
  const port = Number(process.env.PORT?.trim() || 4400)
  if (!Number.isInteger(port) || port < 0 || port > 65_533)
    throw new Error('PORT must be a whole number from 0 to 65533')
  // The relay and the stand-in listen beside the page; 0 means any free port, for all three.
  const beside = (offset: number) => (port === 0 ? 0 : port + offset)

  const app = await openApp(process.env, beside(2))
  closers.push(app.close)

  let relayUrl = ''
  const site = await listenOnFreePort(port, (port) => startSite({ port, relayUrl: () => relayUrl, app }))
  closers.push(site.close)

  const relay = await listenOnFreePort(beside(1), (port) =>
    serve({
      ...app.access,
      allowedOrigins: [site.url, `http://localhost:${site.port}`],
      outbox: `sqlite:${app.outboxFile}`,
      port,
      report(event) {
        const notice = toNotice(event)
        if (notice) console.error(`  ${notice}`)
      },
    }),
  )
  closers.push(relay.close)
  relayUrl = relay.url

  return `
  The demo page     ${site.url}/
  Who arrived       ${app.usersUrl}${app.isStandIn ? '' : ' (opening the page adds early-bird@example.org)'}
  The relay         ${relay.url}/

  Ctrl-C ends it all.
`
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void close(0))
try {
  console.log(await start())
} catch (error) {
  console.error(`demo: ${(error as Error).message}`)
  await close(1)
}
