import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { chromium, type Browser, type BrowserContext } from 'playwright-core'
import { chromiumFlags, findChromium } from './chromium'

export interface ProfileBrowser {
  browser: Browser
  /** The profile's own context: what it stores outlives the browser. */
  context: BrowserContext
  /** SIGKILL: the browser gets no chance to write anything more. */
  kill(): Promise<void>
  /** SIGKILL for the processes that run pages; the browser stays. */
  killRenderers(): Promise<void>
}

/** A Chromium of our own spawning, on a profile folder that a second one can open after the first was killed. */
export async function launchProfile(folder: string): Promise<ProfileBrowser> {
  const process_ = spawn(
    findChromium(),
    [
      ...chromiumFlags,
      // A process kept in reserve would be killed too, and given to the next page.
      '--disable-features=SpareRendererForSitePerProcess',
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${folder}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  )
  let address = ''
  for await (const line of createInterface(process_.stderr)) {
    address = /listening on (ws:\S+)/.exec(line)?.[1] ?? ''
    if (address) break
  }
  process_.stderr.resume()
  const browser = await chromium.connectOverCDP(address)
  return {
    browser,
    context: browser.contexts()[0]!,
    async kill() {
      if (process_.exitCode !== null || process_.signalCode !== null) return
      // Its own process group: helpers that would write a profile's files go at the same moment.
      process.kill(-process_.pid!, 'SIGKILL')
      await once(process_, 'exit')
    },
    async killRenderers() {
      const session = await browser.newBrowserCDPSession()
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      for (const { type, id } of processInfo) if (type === 'renderer') process.kill(id, 'SIGKILL')
    },
  }
}
