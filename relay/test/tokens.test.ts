import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { startRelay } from './support/startRelay.js'

const tokenSecret = 'a secret of the site of 32 bytes'
const text = readFileSync(new URL('../TOKENS.md', import.meta.url), 'utf8')

/** What each example is given, and how it says what it made. */
const languages = [
  {
    language: 'js',
    command: process.execPath,
    before: "const user = { id: 7, email: 'ann@example.org' }",
    after: 'console.log(token)',
  },
  {
    language: 'php',
    command: 'php',
    before: "<?php $user = (object) ['id' => 7, 'email' => 'ann@example.org'];",
    after: 'echo $token;',
  },
  {
    language: 'python',
    command: 'python3',
    before: "class user: id = 7; email = 'ann@example.org'",
    after: 'print(token)',
  },
]

const findExample = (language: string): string => {
  const blocks = [...text.matchAll(/```(\w+)\n([^`]*)```/g)]
  return blocks.find(([, name, code]) => name === language && code?.includes('token ='))?.[2] ?? ''
}

it.each(languages)('the example in $language signs what the relay takes', async (example) => {
  const { language, command, before, after } = example
  const code = findExample(language)
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(5)
  if (spawnSync(command, ['--version']).status !== 0) {
    console.log(`Not run: this machine has no ${command}. The example in ${language} was read only.`)
    expect(code).toContain('usercom-relay')
    return
  }
  // Beside the tests, so that the example finds the package that it imports.
  const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), '.example-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, language === 'js' ? 'sign.mjs' : 'sign')
  writeFileSync(file, [before, code, after].join('\n'))
  const { stdout, stderr } = spawnSync(command, [file], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], RELAY_TOKEN_SECRET: tokenSecret },
    encoding: 'utf8',
  })
  expect(stderr).toBe('')

  const { post, upstream } = await startRelay({ tokenSecret }, () => ({
    status: 200,
    body: { created: true, id: 1 },
  }))
  const answer = await post({ plan: 'pro' }, { headers: { authorization: `Bearer ${stdout.trim()}` } })
  expect(answer.status).toBe(202)
  expect(upstream.written()).toEqual([{ plan: 'pro', custom_id: '7', email: 'ann@example.org' }])
})
