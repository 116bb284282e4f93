import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** A real server with a folder of its own: what it stored outlives `kill` and `restart`. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** At once, as a crash would (SIGKILL). */
  kill(): Promise<void>
  /** Holds it as it is, its sockets open (SIGSTOP), and lets it go on (SIGCONT). */
  freeze(): void
  thaw(): void
  /** Starts it again, on the same port and folder. */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']

const findServer = (): string => {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const paths = ['redis-server', 'valkey-server'].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  )
  const found = process.env['REDIS_SERVER'] ?? paths.find((path) => existsSync(path))
  if (!found)
    throw new Error(
      'No redis-server and no valkey-server: install the package redis-server, or set REDIS_SERVER',
    )
  return found
}

const findFreePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** @param options what is given to the server on its command line, in the place of what makes it durable */
export const startRedis = async (options: readonly string[] = durable): Promise<RedisServer> => {
  const program = findServer()
  const folder = await mkdtemp(join(tmpdir(), 'usercom-redis-'))
  let port = await findFreePort()

  const start = async () => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...options]
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    const exited = once(child, 'exit')
    const ready = new Promise<boolean>((resolve) => {
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => {
        text = (text + chunk.toString()).slice(-4_096)
        if (/ready to accept connections/i.test(text)) resolve(true)
      })
      void exited.then(() => resolve(false))
    })
    return (await ready) ? { child, exited } : undefined
  }

  let running = await start()
  // Somebody else may have taken the port meanwhile.
  for (let more = 5; !running && more; more -= 1) {
    port = await findFreePort()
    running = await start()
  }
  const end = async (signal: NodeJS.Signals) => {
    running?.child.kill(signal)
    await running?.exited
    running = undefined
  }

  return {
    get url() {
      return `redis://127.0.0.1:${port}`
    },
    get port() {
      return port
    },
    kill: () => end('SIGKILL'),
    freeze: () => void running?.child.kill('SIGSTOP'),
    thaw: () => void running?.child.kill('SIGCONT'),
    restart: async () => {
      running = await start()
      if (!running) throw new Error('The Redis server did not start again')
    },
    stop: async () => {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
