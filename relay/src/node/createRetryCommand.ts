import { Command } from 'commander'
import type { CommandOutput } from './createDeadCommand.js'
import { withDeadLetters } from './withDeadLetters.js'

/** So many are put back at once: the relay goes on beside, and the bar moves. */
const portion = 100

interface Progress {
  to(done: number): void
  stop(): void
}

const startProgress = async (total: number, output: CommandOutput): Promise<Progress | undefined> => {
  if (!output.isTTY) return undefined
  const { default: progress } = await import('cli-progress')
  const bar = new progress.SingleBar(
    { stream: output as NodeJS.WritableStream, clearOnComplete: true, format: '{bar} {value} of {total}' },
    progress.Presets.shades_classic,
  )
  bar.start(total, 0)
  return { to: (done) => bar.update(done), stop: () => bar.stop() }
}

/**
 * `usercom-relay retry`: those that are named wait again, or all.
 * @param screen where the progress bar is drawn, where that is a terminal
 */
export const createRetryCommand = (
  outboxName: () => string,
  output: CommandOutput = process.stdout,
  screen: CommandOutput = process.stderr,
): Command =>
  new Command('retry')
    .description('put dead letters back: those named by their id, or all')
    .argument('[id...]', 'as `usercom-relay dead` lists them')
    .option('--all', 'all there are; so it is, too, when none is named')
    .action(async (named: string[], { all = false }: { all?: boolean }) => {
      if (all && named.length) throw new Error('retry: either ids or --all')
      const [found, total] = await withDeadLetters(outboxName(), async (outbox) => {
        const ids = named.length ? [...new Set(named)] : (await outbox.dead()).map(({ id }) => id)
        const progress = await startProgress(ids.length, screen)
        let count = 0
        for (let from = 0; from < ids.length; from += portion) {
          count += await outbox.requeue(ids.slice(from, from + portion))
          progress?.to(Math.min(ids.length, from + portion))
        }
        progress?.stop()
        return [count, ids.length]
      })
      output.write(`${found} of ${total} dead letters wait again\n`)
      // Those that were not there are told apart by scripts, too.
      if (found < total) process.exitCode = 1
    })
