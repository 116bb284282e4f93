import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const programs = ['CHROME_PATH', 'CHROMIUM_PATH', 'FIREFOX_PATH', 'WEBKIT_DRIVER', 'XVFB', 'REDIS_SERVER']

function prepare(args: string[], environment: Record<string, string> = {}) {
  const env: NodeJS.ProcessEnv = { ...process.env }
  for (const name of programs) delete env[name]
  return spawnSync(process.execPath, ['scripts/prepare.mjs', ...args], {
    cwd: root,
    env: { ...env, ...environment },
    encoding: 'utf8',
  })
}

it('does nothing and says nothing where nothing is missing', () => {
  expect(prepare([])).toMatchObject({ status: 0, stdout: '', stderr: '' })
})

it('names the programs that it cannot install, before it installs anything', () => {
  const { status, stdout, stderr } = prepare(['--for-tests'], {
    PATH: fileURLToPath(new URL('.', import.meta.url)),
  })
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^prepare: .*Redis must be installed for the tests: .*\n$/)
})

it.each(['CHROME_PATH', 'REDIS_SERVER'])('says that %s names no program', (name) => {
  const { status, stderr } = prepare(['--for-tests'], { [name]: '/nowhere/at-all' })
  expect(status).toBe(1)
  expect(stderr).toBe(`prepare: ${name} must name a program: nothing there can be run\n`)
})
