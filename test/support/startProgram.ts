import { spawn, type SpawnOptions } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Program {
  /** What `find` found. */
  found: string
  /** All that it wrote, standard output and error. */
  output(): string
  stop(): Promise<void>
}

/**
 * Starts a program and waits for the line in which `find` finds something: where it listens. Its descriptor 3 is read as
 * well. It has a group of its own, so that whatever it starts ends with it.
 */
export const startProgram = async (
  command: string,
  args: string[],
  find: RegExp,
  options: SpawnOptions = {},
): Promise<Program> => {
  const child = spawn(command, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const lines: string[] = []
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const found = await new Promise<string>((resolve, reject) => {
    const fail = (why: unknown) => reject(new Error(`${command}: ${why}\n${lines.join('\n')}`))
    child.once('error', fail)
    child.once('close', (code) => fail(`ended with ${code} before it listened`))
    for (const stream of child.stdio.slice(1))
      createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
        lines.push(line)
        const [, match] = find.exec(line) ?? []
        if (match) resolve(match)
      })
  })
  return {
    found,
    output: () => lines.join('\n'),
    stop: async () => {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // It ended by itself.
      }
      await ended
    },
  }
}
