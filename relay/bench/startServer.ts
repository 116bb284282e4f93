import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Server {
  url: string
  /** From the start of its process until it listens. */
  startMs: number
  stop(): Promise<void>
}

const toPath = (name: string) => fileURLToPath(new URL(name, import.meta.url))
export const toFloor = (name: string): string => toPath(`floors/${name}.mjs`)
export const relayCommand = toPath('../bin/usercom-relay.js')

/** Starts a server in a process of its own and waits for the address that it prints. */
export const startServer = async (
  program: string,
  environment: Record<string, string> = {},
): Promise<Server> => {
  const started = performance.now()
  const nodeOptions = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean)
  const child = spawn(process.execPath, [...nodeOptions, program], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let text = ''
  for (;;) {
    const url = /http:\/\/[\d.:]+/.exec(text)?.[0]
    if (url) {
      // What it says later on is not kept.
      child.stdout.removeAllListeners('data').resume()
      return {
        url,
        startMs: performance.now() - started,
        stop: async () => {
          child.kill('SIGTERM')
          await exited
        },
      }
    }
    const more = await Promise.race([once(child.stdout, 'data'), exited.then(() => undefined)])
    if (!more) throw new Error('The server ended')
    text += String(more[0])
  }
}
