// Bundles the Worker as wrangler does, and runs it in workerd.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import workerd from 'workerd'

const inFolder = (path) => fileURLToPath(new URL(path, import.meta.url))

await build({
  entryPoints: [inFolder('worker.ts')],
  outfile: inFolder('../.cache/worker.js'),
  bundle: true,
  format: 'esm',
  platform: 'browser',
  conditions: ['workerd', 'worker', 'browser'],
  logLevel: 'warning',
})
const flags = [`--socket-addr=http=127.0.0.1:${process.env.PORT ?? 8787}`, '--control-fd=3']
const server = spawn(workerd.default, ['serve', inFolder('worker.capnp'), ...flags], {
  stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
})
server.on('exit', (code) => process.exit(code ?? 1))
server.stdio[3].on('data', (event) => {
  const [, port] = /"port":(\d+)/.exec(String(event)) ?? []
  if (port) console.log(`http://127.0.0.1:${port}`)
})
