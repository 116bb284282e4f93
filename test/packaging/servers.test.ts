import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { expect, inject, it, onTestFinished } from 'vitest'
import { startStandIn } from '../../demo/standin'
import { findNode } from '../runtimes/runtimes'
import { chromiumFlags, findChromium } from '../support/chromium'
import { startProgram } from '../support/startProgram'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const packed = join(inject('consumer'), 'node_modules')
const env = { PATH: process.env.PATH, HOME: process.env.HOME, NEXT_TELEMETRY_DISABLED: '1' }

/** A copy of a project, below the folder that has its framework; the two packages come out of their tarballs. */
const copyProject = (below: string, ...sources: string[]) => {
  const cache = join(root, below, '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'project-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const source of sources)
    cpSync(join(root, source), join(folder, source.split('/').at(-1)!), {
      recursive: true,
      filter: (path) => !/[\\/](?:\.next|\.svelte-kit)$/.test(path),
    })
  for (const name of ['usercom-snippet', 'usercom-relay'])
    cpSync(join(packed, name), join(folder, 'node_modules', name), { recursive: true })
  return folder
}

const openPage = async (url: string) => {
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(url)
  return { page, errors }
}

it('Next.js renders the snippet on the server, and mounts the relay', async () => {
  const folder = copyProject('demo/mounts', 'demo/mounts/next', 'demo/mounts/relayOptions.ts')
  const next = join(root, 'demo/mounts/node_modules/next/dist/bin/next')
  const project = join(folder, 'next')
  await run(process.execPath, [next, 'build', project], { env })

  const apiKey = 'Nx'.repeat(32)
  const standIn = await startStandIn({ apiKey })
  onTestFinished(() => standIn.close())
  const server = await startProgram(
    process.execPath,
    [next, 'start', project, '--port', '0'],
    /(http:\/\/localhost:\d+)/,
    { env: { ...env, USERCOM_SUBDOMAIN: 'acme', USERCOM_API_KEY: apiKey, USERCOM_API_URL: standIn.url } },
  )
  onTestFinished(() => server.stop())

  const html = await (await fetch(server.found)).text()
  expect(html).toContain('placeholder="Email"')

  const { page, errors } = await openPage(server.found)
  await page.fill('[name=email]', ' next@example.org ')
  await page.fill('[name=first_name]', 'Ann')
  await page.click('button')
  await page.getByText('Thank you!').waitFor()
  expect(standIn.users).toMatchObject([
    { email: 'next@example.org', first_name: 'Ann', tags: ['newsletter'] },
  ])
  expect(errors).toEqual([])
  expect(server.output()).not.toMatch(/error|UserCom|warn/i)
})

it('SvelteKit renders the snippet on the server', async () => {
  const folder = copyProject('test/packages', 'test/packaging/fixtures/sveltekit')
  const project = join(folder, 'sveltekit')
  // SvelteKit 3 needs Node 22.
  const node = findNode(22)
  const vite = join(root, 'test/packages/node_modules/vite/bin/vite.js')
  const built = await run(node, [vite, 'build'], { cwd: project, env })
  expect(built.stderr).not.toContain('UserCom')

  const server = await startProgram(
    node,
    [vite, 'preview', '--host', '127.0.0.1', '--port', '0'],
    /(http:\/\/127\.0\.0\.1:\d+)/,
    { cwd: project, env: { ...env, NO_COLOR: '1' } },
  )
  onTestFinished(() => server.stop())

  const html = await (await fetch(server.found)).text()
  expect(html).toContain('<p role="status">waiting</p>')
  expect(server.output()).not.toContain('UserCom')

  // There is no relay here: in the browser the call is made, and refused by the server that has no such address.
  const { page } = await openPage(server.found)
  await page.getByText('rejected').waitFor()
})
