import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { startProgram } from '../support/startProgram'

export interface Server {
  url: string
  output(): string
  stop(): Promise<void>
}

/** Starts the site of the suite in one runtime; User.com is at `API_URL`, one that never answers at `SILENT_URL`. */
export type StartServer = (env: Record<'API_URL' | 'SILENT_URL', string>) => Promise<Server>

const servers = fileURLToPath(new URL('servers/', import.meta.url))
const packages = fileURLToPath(new URL('../packages/node_modules/', import.meta.url))

/** The runtime's own binary out of the first of its packages that was installed: the one for this machine. */
export const findRuntime = (...paths: string[]): string => {
  const found = paths.map((path) => join(packages, path)).find((path) => existsSync(path))
  if (!found)
    throw new Error(`none of ${paths.join(', ')} is there: run "node scripts/prepare.mjs --for-tests"`)
  return found
}

const platforms = ['linux-x64', 'linux-arm64', 'darwin-arm64']
export const findNode = (major: 20 | 22 | 24) =>
  findRuntime(...platforms.map((platform) => `node${major}-${platform}/bin/node`))

const start =
  (program: () => string, args: string[]): StartServer =>
  async (env) => {
    const started = await startProgram(program(), args, /^(http:\S+)$/, {
      cwd: servers,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    })
    return { ...started, url: started.found }
  }

const startWorkerd: StartServer = async (env) => {
  const folder = mkdtempSync(join(tmpdir(), 'usercom-worker-'))
  await build({
    entryPoints: [join(servers, 'worker.mjs')],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    format: 'esm',
    // As wrangler resolves packages; no Node module is there to be found.
    conditions: ['workerd', 'worker', 'browser'],
    platform: 'browser',
    logLevel: 'error',
  })
  cpSync(join(servers, 'worker.capnp'), join(folder, 'worker.capnp'))
  const program = findRuntime(
    ...['linux-64', 'linux-arm64', 'darwin-arm64'].map(
      (name) => `../../../demo/mounts/node_modules/@cloudflare/workerd-${name}/bin/workerd`,
    ),
  )
  const started = await startProgram(program, ['serve', 'worker.capnp', '--control-fd=3'], /"port":(\d+)/, {
    cwd: folder,
    env: { ...env },
  })
  return {
    ...started,
    url: `http://127.0.0.1:${started.found}`,
    stop: async () => {
      await started.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const runtimes: Record<string, StartServer> = {
  'Node 20': start(() => findNode(20), ['node.mjs']),
  'Node 22': start(() => findNode(22), ['node.mjs']),
  'Node 24': start(() => findNode(24), ['node.mjs']),
  Bun: start(
    () =>
      findRuntime(
        ...['linux-x64', 'linux-aarch64', 'darwin-aarch64'].map((name) => `@oven/bun-${name}/bin/bun`),
      ),
    ['bun.mjs'],
  ),
  Deno: start(
    () =>
      findRuntime(
        ...['linux-x64-glibc', 'linux-arm64-glibc', 'darwin-arm64'].map((name) => `@deno/${name}/deno`),
      ),
    ['run', '--quiet', '--node-modules-dir=manual', '--allow-net', '--allow-env', '--allow-read', 'deno.mjs'],
  ),
  workerd: startWorkerd,
}
