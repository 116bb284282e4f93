import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { readdirSync } from 'node:fs'
import { Builder, Capabilities, type WebDriver } from 'selenium-webdriver'
import { findExecutable } from '../support/findExecutable'
import type { Engine, Tab } from './Engine'

const libraries = '/usr/lib'

/** WebKitGTK's MiniBrowser through its WebDriver, on a screen of its own. */
export async function startWebKit(): Promise<Engine> {
  const screen = await startScreen()
  const port = await freePort()
  const driverProcess = spawn(findExecutable('WEBKIT_DRIVER', ['WebKitWebDriver']), [`--port=${port}`], {
    // Its sandbox cannot start as root, which is what a container usually is.
    env: { ...process.env, DISPLAY: screen.display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
    stdio: 'ignore',
  })
  const stop = async () => {
    await end(driverProcess)
    await end(screen.process)
  }
  try {
    await untilListening(port)
    const driver = await connect(port)
    const version = (await driver.getCapabilities()).get('browserVersion') as string
    return {
      name: 'webkit',
      version,
      open: (url) => openTab(driver, url),
      async close() {
        await driver.quit()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function connect(port: number): Promise<WebDriver> {
  const capabilities = new Capabilities({
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': {
      binary: findExecutable('WEBKIT_BROWSER', miniBrowsers()),
      args: ['--automation'],
    },
  })
  return new Builder()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities(capabilities)
    .disableEnvironmentOverrides()
    .build()
}

/**
 * The window that is there, one page after the other: tabs that are opened through the driver stay hidden, and a hidden
 * page runs no timers.
 */
async function openTab(driver: WebDriver, url: string): Promise<Tab> {
  await driver.get(url)
  return {
    goto: (to) => driver.get(to),
    back: () => driver.navigate().back(),
    async evaluate<T>(expression: string) {
      const script = `const done = arguments[arguments.length - 1]
        Promise.resolve().then(() => (${expression})).then((value) => done({ value }), (error) => done({ error: String(error) }))`
      const answer = await driver.executeAsyncScript<{ value: T; error?: string }>(script)
      if (answer.error !== undefined) throw new Error(answer.error)
      return answer.value
    },
    close: () => driver.get('about:blank'),
  }
}

function miniBrowsers(): string[] {
  return readdirSync(libraries, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.includes('-linux-'))
    .flatMap((entry) =>
      ['4.1', '6.0', '4.0'].map((api) => `${libraries}/${entry.name}/webkit2gtk-${api}/MiniBrowser`),
    )
}

/** `-displayfd` lets the server choose a free display and say so when it is ready. */
async function startScreen(): Promise<{ process: ChildProcess; display: string }> {
  const process = spawn(
    findExecutable('XVFB', ['Xvfb']),
    ['-displayfd', '3', '-screen', '0', '1280x800x24'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  )
  const [chunk] = (await once(process.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer]
  return { process, display: `:${chunk.toString().trim()}` }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The driver says nothing when it is ready: ask until it answers. */
async function untilListening(port: number): Promise<void> {
  const deadline = Date.now() + 30_000
  for (;;) {
    try {
      await fetch(`http://127.0.0.1:${port}/status`)
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, 'exit')
}
