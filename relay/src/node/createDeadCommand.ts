import { Command } from 'commander'
import type { DeadLetter, Reason } from '../outbox.js'
import { withDeadLetters } from './withDeadLetters.js'

export interface CommandOutput {
  isTTY?: boolean | undefined
  write(text: string): unknown
}

const describe = ({ code, status, issues }: Reason): string =>
  [code, status, issues.map(({ field, code }) => `${field}: ${code}`).join(', ')]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')

const toTable = async (letters: DeadLetter[]): Promise<string> => {
  const { default: Table } = await import('cli-table3')
  const table = new Table({ head: ['id', 'i', 'at', 'reason'], style: { head: [], border: [] } })
  for (const { id, i, at, reason } of letters)
    table.push([id, i, new Date(at).toISOString(), describe(reason)])
  return `${table.toString()}\n`
}

const toLine = ({ id, i, at, reason }: DeadLetter): string =>
  `${JSON.stringify({ id, i, at: new Date(at).toISOString(), reason })}\n`

/** `usercom-relay dead`: a table for people, JSON lines for whatever reads a pipe. */
export const createDeadCommand = (
  outboxName: () => string,
  output: CommandOutput = process.stdout,
): Command =>
  new Command('dead')
    .description('list what User.com did not take: JSON lines in a pipe')
    .action(async () => {
      const letters = await withDeadLetters(outboxName(), (outbox) => outbox.dead())
      if (!output.isTTY) for (const letter of letters) output.write(toLine(letter))
      else if (!letters.length) output.write('No dead letters\n')
      else output.write(await toTable(letters))
    })
