import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const folder = fileURLToPath(new URL('../packages/', import.meta.url))
const run = promisify(execFile)

/** Runs a script of `test/packages`, which has packages of its own, and reads the JSON of its last line. */
export const runTool = async <T>(script: string, ...words: string[]): Promise<T> => {
  const { stdout } = await run(process.execPath, [`${folder}${script}`, ...words], { maxBuffer: 1 << 26 })
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T
}
