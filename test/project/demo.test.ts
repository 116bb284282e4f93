import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { behaviours, startStandIn, type User } from '../../demo/standin'
import { chromiumFlags, findChromium } from '../support/chromium'

const root = fileURLToPath(new URL('../..', import.meta.url))
const apiKey = 'k'.repeat(64)

/** Starts the demo as `npm run demo` does after its build. */
function spawnDemo(environment: Record<string, string>) {
  const demo = spawn(process.execPath, ['--import', 'tsx', 'demo/start.ts'], {
    cwd: root,
    env: {
      ...process.env,
      USERCOM_API_KEY: '',
      USERCOM_SUBDOMAIN: '',
      USERCOM_API_URL: '',
      PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(demo, 'exit') as Promise<[number | null, string | null]>
  onTestFinished(async () => {
    demo.kill('SIGKILL')
    await exit
  })
  let said = ''
  for (const stream of [demo.stdout, demo.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said += text))
  return { demo, exit, said: () => said }
}

/** Waits until it has printed its addresses, too. */
async function startDemo(environment: Record<string, string> = {}) {
  const { demo, exit, said } = spawnDemo(environment)
  const addresses: Record<string, string> = {}
  for await (const line of createInterface(demo.stdout)) {
    const [name, address] = line.trim().split(/ {2,}/)
    if (name && address) addresses[name] = address
    if (line.includes('Ctrl-C')) break
  }
  const { 'The demo page': page, 'Who arrived': users, 'The relay': relay } = addresses
  if (!page || !users || !relay) throw new Error(`the demo did not start: ${said()}`)
  const end = async (signal: NodeJS.Signals) => {
    demo.kill(signal)
    expect(await exit).toEqual([0, null])
    for (const address of [page, users, relay].filter((text) => text.includes('//127.0.0.1')))
      expect(await isListening(address)).toBe(false)
  }
  return { page, users, relay, said, end }
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

async function startBrowser() {
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', (message) => problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(error.message))
  /** The newest entry of the page's list of calls. */
  const newest = page.getByRole('listitem').first()
  return { page, newest, problems }
}

const listUsers = async (standIn: string) =>
  (await (await fetch(new URL('_users.json', standIn))).json()) as User[]

/** Accepted means stored: the relay brings it to the app within its pace. */
const untilUsers = (list: () => User[] | Promise<User[]>, emails: string[]) =>
  expect
    .poll(async () => (await list()).map((user) => user.email), { timeout: 20_000, interval: 100 })
    .toEqual(emails)

it('brings the form and the call before load to the stand-in, trimmed, and ends with Ctrl-C', async () => {
  const demo = await startDemo()
  const { page, newest, problems } = await startBrowser()
  await page.goto(demo.page)
  await newest.getByText('accepted', { exact: true }).waitFor()
  await newest.getByText('Called before the script had loaded').waitFor()

  await page.getByLabel('Email').fill('  grace@example.org ')
  await page.getByLabel('First name').fill(' Grace ')
  await page.getByLabel('Tags').fill(' new , verified, new,, ')
  await page.getByRole('button').click()
  await newest.getByText('accepted', { exact: true }).waitFor()
  await page.getByRole('button').click()
  await newest.getByText('unchanged', { exact: true }).waitFor()

  await page.getByLabel('Email').fill('grace@@example.org')
  await page.getByRole('button').click()
  await newest.getByText('email breaks the rule').waitFor()

  await page.getByLabel('Email').fill('refused@example.org')
  await page.getByRole('checkbox').uncheck()
  await page.getByRole('button').click()
  await newest.getByText('consent', { exact: true }).waitFor()

  await untilUsers(() => listUsers(demo.users), ['early-bird@example.org', 'grace@example.org'])
  expect(await listUsers(demo.users)).toMatchObject([
    { first_name: 'Early', last_name: 'Bird', tags: ['before load', 'demo'] },
    { first_name: 'Grace', last_name: 'Example', tags: ['new', 'verified'], plan: 'gold' },
  ])
  await page.frameLocator('iframe').getByText('grace@example.org').waitFor()
  expect(problems).toEqual([])
  await demo.end('SIGINT')
})

it('starts with nobody each time, also for a browser that was there before', async () => {
  const { page, newest } = await startBrowser()
  // Below the ports that systems hand out by themselves, so that it is free the second time, too.
  const PORT = `${20_000 + (process.pid % 10_000)}`
  const first = await startDemo({ PORT })
  await page.goto(first.page)
  await newest.getByText('accepted', { exact: true }).waitFor()
  await first.end('SIGTERM')

  const second = await startDemo({ PORT })
  expect(second.page).toBe(first.page)
  await page.goto(second.page)
  await newest.getByText('accepted', { exact: true }).waitFor()
  await untilUsers(() => listUsers(second.users), ['early-bird@example.org'])
  await second.end('SIGTERM')
})

it('talks to the app of the environment, beside a port that is taken, and says when that app refuses the key', async () => {
  const app = await startStandIn({ apiKey })
  onTestFinished(() => app.close())
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const subdomain = `demo-test-${process.pid}`
  onTestFinished(() => {
    for (const end of ['', '-shm', '-wal'])
      rmSync(`${root}.cache/demo-${subdomain.replaceAll('-', '_')}.db${end}`, { force: true })
  })

  const demo = await startDemo({
    USERCOM_SUBDOMAIN: subdomain,
    USERCOM_API_KEY: apiKey,
    USERCOM_API_URL: app.url,
    PORT: `${port}`,
  })
  expect(demo.page).not.toContain(`:${port}/`)
  expect(demo.users).toContain(`https://${subdomain}.user.com/`)
  const page = await (await fetch(demo.page)).text()
  expect(page).toContain(`https://${subdomain}.user.com/`)
  expect(page).not.toContain('<iframe')

  const identify = (email: string) =>
    fetch(new URL('identify', demo.relay), {
      method: 'POST',
      headers: { origin: new URL(demo.page).origin, 'content-type': 'text/plain' },
      body: JSON.stringify({ email }),
    })
  expect((await identify('ann@example.org')).status).toBe(202)
  await untilUsers(() => app.users, ['ann@example.org'])

  app.behave(behaviours.answers(401))
  expect((await identify('bea@example.org')).status).toBe(202)
  await expect.poll(demo.said, { timeout: 20_000 }).toContain('User.com refuses the API key')
  expect(demo.said()).not.toContain(apiKey)
  await demo.end('SIGINT')
})

it.each([
  ['half of an app', { USERCOM_SUBDOMAIN: 'acme' }, 'set both USERCOM_SUBDOMAIN and USERCOM_API_KEY'],
  ['a key that is none', { USERCOM_SUBDOMAIN: 'acme', USERCOM_API_KEY: 'too-short' }, 'apiKey'],
  ['a port that is none', { PORT: 'many' }, 'PORT must be a whole number'],
])('says what is wrong with %s, and ends', async (_, environment, message) => {
  const { exit, said } = spawnDemo(environment as Record<string, string>)
  expect(await exit).toEqual([1, null])
  expect(said()).toMatch(/^demo: .*\n$/)
  expect(said()).toContain(message)
  expect(said()).not.toContain('too-short')
})
