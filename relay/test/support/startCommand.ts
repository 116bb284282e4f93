import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const command = fileURLToPath(new URL('../../bin/usercom-relay.js', import.meta.url))

/** The built command as a process of its own, in an empty folder, with nothing of our environment. */
export const startCommand = (environment: Record<string, string>, parameters: string[] = []) => {
  const folder = mkdtempSync(join(tmpdir(), 'usercom-relay-'))
  const child = spawn(process.execPath, [command, ...parameters], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...environment },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const exited = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true, force: true })
  })
  /** Resolves with the address once it is said; rejects where the process ends before. */
  const listening = async (): Promise<string> => {
    for (;;) {
      const url = /http:\/\/[\w.:[\]/-]+/.exec(output.stdout)?.[0]
      if (url) return url
      const ended = await Promise.race([
        exited.then(() => true),
        once(child.stdout, 'data').then(() => false),
      ])
      if (ended) throw new Error(`The command ended: ${output.stderr}`)
    }
  }
  return { child, output, exited, listening, folder }
}
