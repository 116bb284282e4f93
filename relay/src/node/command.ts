import { RelayOptionsError } from '../relayOptions.js'
import { parseEnvironment, toVariable } from './parseEnvironment.js'
import { serve } from './serve.js'

/** What started, or why it did not: one line for each thing wrong. */
const start = async (): Promise<void> => {
  const server = await serve(parseEnvironment(process.env))
  console.log(`usercom-relay listens on ${server.url}`)
  const stop = () => {
    process.off('SIGTERM', stop).off('SIGINT', stop)
    void server.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
}

start().catch((error: unknown) => {
  if (error instanceof RelayOptionsError)
    for (const { option, message } of error.problems) console.error(`${toVariable(option)}: ${message}`)
  else console.error(error instanceof Error ? error.message : 'The relay did not start')
  process.exitCode = 1
})
