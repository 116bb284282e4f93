import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { runTool } from '../support/runTool'

const consumer = realpathSync(inject('consumer'))
const snippet = join(consumer, 'node_modules/usercom-snippet/dist')
const entry = join(consumer, 'src/main.js')
const brotliBytes = (file: string) => brotliCompressSync(readFileSync(file)).byteLength

describe.each(['vite', 'webpack', 'esbuild', 'rollup'])('%s', (tool) => {
  let bundle: { file: string; modules: string[] }

  beforeAll(async () => {
    mkdirSync(join(consumer, 'src'), { recursive: true })
    writeFileSync(
      entry,
      `import { identify } from 'usercom-snippet'\nidentify({ email: 'myemail@example.org', first_name: 'John' })\n`,
    )
    bundle = await runTool('bundle.mjs', tool, consumer)
  })

  it('takes the page and the snippet, nothing of the relay', () => {
    expect(bundle.modules.map((path) => realpathSync(path)).sort()).toEqual(
      [entry, join(snippet, 'index.js')].sort(),
    )
    expect(readFileSync(bundle.file, 'utf8')).not.toMatch(/api\/public|update_or_create|USERCOM_|node:/)
  })

  it('adds at most a tenth to the bytes of the script', () => {
    const limit = Math.floor(1.1 * brotliBytes(join(snippet, 'usercom.umd.js')))
    expect(brotliBytes(bundle.file)).toBeLessThanOrEqual(limit)
  })

  it('makes something that runs without a page, and does nothing there', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [bundle.file])
    expect([stdout, stderr]).toEqual(['', ''])
  })
})
