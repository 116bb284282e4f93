import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { launchProfile } from '../support/launchProfile'
import { startPages } from '../support/startPages'
import { startRecordingRelay, type RecordingRelay } from '../support/startRecordingRelay'

const names = ['one', 'two', 'three']
const emails = (relay: RecordingRelay) =>
  relay.posts.map((post) => (JSON.parse(post.body) as { email: string }).email.split('@')[0])

/** A site whose script is there although the relay is down. */
async function startDownSite() {
  const folder = mkdtempSync(join(tmpdir(), 'usercom-profile-'))
  const pages = await startPages()
  const relay = await startRecordingRelay()
  onTestFinished(async () => {
    await pages.close()
    await relay.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  const url = pages.add('/', {
    head: `<script src="/dist/usercom.umd.js" data-endpoint="${relay.origin}/identify"></script>`,
  })
  await relay.stop()
  return { folder, relay, url }
}

const identifyAll = (names: string[]) => {
  for (const name of names) void UserCom.identify({ email: `${name}@example.org` })
}

it('the browser is killed ten seconds after three calls: on the next start each arrives, once, in order', async () => {
  const { folder, relay, url } = await startDownSite()
  const first = await launchProfile(folder)
  onTestFinished(() => first.kill())
  const page = await first.context.newPage()
  await page.goto(url)
  await page.evaluate(identifyAll, names)
  // The time that the issue names: Chromium writes localStorage to disk up to six seconds late, and nothing tells when.
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  await first.kill()

  await relay.start()
  const second = await launchProfile(folder)
  onTestFinished(() => second.kill())
  const again = await second.context.newPage()
  await again.goto(url)
  await relay.waitForPosts(3)
  await again.waitForFunction(() => !JSON.stringify({ ...localStorage }).includes('@example.org'))
  expect(emails(relay)).toEqual(names)
})

it('the page’s process is killed right after three calls: on the next page each arrives, once, in order', async () => {
  const { folder, relay, url } = await startDownSite()
  const browser = await launchProfile(folder)
  onTestFinished(() => browser.kill())
  const page = await browser.context.newPage()
  await page.goto(url)
  await page.evaluate(identifyAll, names)
  const crashed = page.waitForEvent('crash')
  await browser.killRenderers()
  await crashed

  await relay.start()
  const again = await browser.context.newPage()
  await again.goto(url)
  await relay.waitForPosts(3)
  await again.waitForFunction(() => !JSON.stringify({ ...localStorage }).includes('@example.org'))
  expect(emails(relay)).toEqual(names)
})
