import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import type { User } from '../../demo/standin'
import { chromiumFlags, findChromium } from '../support/chromium'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Starts the demo as `npm run demo` does after its build, and waits until it has printed its addresses. */
async function startDemo() {
  const demo = spawn(process.execPath, ['--import', 'tsx', 'demo/start.ts'], {
    cwd: root,
    env: { ...process.env, USERCOM_API_KEY: '', USERCOM_SUBDOMAIN: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void demo.kill('SIGKILL'))
  const addresses: Record<string, string> = {}
  for await (const line of createInterface(demo.stdout)) {
    const [name, address] = line.trim().split(/ {2,}/)
    if (name && address?.startsWith('http')) addresses[name] = address
    if (line.includes('Ctrl-C')) break
  }
  return { demo, addresses }
}

const isListening = (address: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

it('brings the form and the call before load to the stand-in, trimmed, and ends with Ctrl-C', async () => {
  const { demo, addresses } = await startDemo()
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', (message) => problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(error.message))

  await page.goto(addresses['The demo page']!)
  await page.getByText('Called before the script loaded: accepted').waitFor()
  await page.getByLabel('Email').fill('  grace@example.org ')
  await page.getByLabel('First name').fill(' Grace ')
  await page.getByLabel('Tags').fill(' new , verified, new,, ')
  await page.getByRole('button').click()
  await page.getByText('The form: accepted').waitFor()
  await page.getByLabel('Email').fill('grace@@example.org')
  await page.getByRole('button').click()
  await page.getByText('The form: invalid').waitFor()

  // Accepted means stored: the relay brings it to the app within its pace.
  const list = `${addresses['Who arrived']}_users.json`
  await expect
    .poll(async () => ((await (await fetch(list)).json()) as User[]).map((user) => user.email), {
      timeout: 20_000,
    })
    .toEqual(['early-bird@example.org', 'grace@example.org'])
  const users = (await (await fetch(list)).json()) as User[]
  expect(users[0]).toMatchObject({ first_name: 'Early', last_name: 'Bird', tags: ['before load', 'demo'] })
  expect(users[1]).toMatchObject({
    first_name: 'Grace',
    last_name: 'Example',
    tags: ['new', 'verified'],
    plan: 'gold',
  })

  await page.goto(addresses['Who arrived']!)
  await page.getByText('grace@example.org').waitFor()
  expect(problems).toEqual([])

  demo.kill('SIGINT')
  await once(demo, 'exit')
  expect(demo.exitCode).toBe(0)
  for (const address of Object.values(addresses)) expect(await isListening(address)).toBe(false)
})
