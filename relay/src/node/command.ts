import { createRequire } from 'node:module'
import { Command } from 'commander'
import { RelayOptionsError } from '../relayOptions.js'
import { createDeadCommand } from './createDeadCommand.js'
import { createLog } from './createLog.js'
import { createRetryCommand } from './createRetryCommand.js'
import { parseEnvironment, toVariable } from './parseEnvironment.js'
import { serve } from './serve.js'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const start = async (): Promise<void> => {
  const log = createLog()
  const server = await serve({ ...parseEnvironment(process.env), report: log.report })
  const stop = () => {
    process.off('SIGTERM', stop).off('SIGINT', stop)
    log.write('info', 'usercom-relay stops')
    void server.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
  // Last: whoever reads it may send the signal at once.
  log.write('info', `usercom-relay listens on ${server.url}`, { outbox: server.outbox, version })
}

/** Which outbox the relay of this environment runs on. */
const outboxName = () => String(parseEnvironment(process.env).outbox)

/** What started, or why it did not: one line for each thing wrong. */
new Command('usercom-relay')
  .description(
    'Takes identify calls from web pages and hands them to User.com. Without a command: the server, configured by its environment.',
  )
  .version(version)
  .action(start)
  .addCommand(createDeadCommand(outboxName))
  .addCommand(createRetryCommand(outboxName))
  .parseAsync()
  .catch((error: unknown) => {
    if (error instanceof RelayOptionsError)
      for (const { option, message } of error.problems) console.error(`${toVariable(option)}: ${message}`)
    else console.error(error instanceof Error ? error.message : 'The relay did not start')
    process.exitCode = 1
  })
