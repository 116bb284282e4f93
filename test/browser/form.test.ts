import { chromium } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { serve } from 'usercom-relay/node'
import { startStandIn } from '../../demo/standin'
import { chromiumFlags, findChromium } from '../support/chromium'
import { startPages, stub } from '../support/startPages'

const apiKey = 'Secret0Key1'.repeat(6).slice(0, 64)

it('brings a form to User.com, and nothing of its answer or of the key to the browser', async () => {
  const standIn = await startStandIn({ apiKey })
  onTestFinished(() => standIn.close())
  const pages = await startPages()
  onTestFinished(() => pages.close())
  const relay = await serve({
    subdomain: 'demo',
    apiKey,
    apiUrl: standIn.url,
    allowedOrigins: [pages.origin],
    port: 0,
  })
  onTestFinished(() => relay.close())
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags })
  onTestFinished(() => browser.close())

  const page = await browser.newPage()
  const seen: string[] = []
  page.on('console', (message) => seen.push(message.text()))
  page.on('pageerror', (error) => seen.push(error.message))
  const reads: Promise<unknown>[] = []
  page.on('response', (response) => {
    if (response.url().startsWith(relay.url))
      reads.push(
        Promise.all([response.allHeaders(), response.text().catch(() => '')]).then(([headers, text]) =>
          // The bundle itself names fields that it refuses, and is no answer to a call.
          seen.push(JSON.stringify(headers), response.url().includes('usercom.js') ? '' : text),
        ),
      )
  })
  await page.goto(
    pages.add('/', {
      head: `<script>${stub()}</script><script async src="${relay.url}/usercom.js"></script>`,
      body: `<form><input name="email"><input name="first_name"><input name="tags"><button>Send</button></form><output></output>
        <script>
          document.forms[0].onsubmit = (event) => {
            event.preventDefault()
            const { email, first_name, tags } = Object.fromEntries(new FormData(event.target))
            UserCom.identify({ email, first_name, tags: tags.split(',') }).then((result) => {
              document.querySelector('output').textContent = JSON.stringify(result)
            })
          }
        </script>`,
    }),
  )
  await page.fill('[name=email]', ' lead@example.org ')
  await page.fill('[name=first_name]', ' John ')
  await page.fill('[name=tags]', ' new ,new,')
  await page.click('button')
  await page.getByText('accepted').waitFor()

  expect(standIn.users).toHaveLength(1)
  expect(standIn.users[0]).toMatchObject({ email: 'lead@example.org', first_name: 'John', tags: ['new'] })

  await Promise.all(reads)
  seen.push(await page.content())
  seen.push(
    await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])),
  )
  expect(seen.length).toBeGreaterThan(4)
  for (const text of seen) {
    expect(text).not.toContain(apiKey)
    expect(text).not.toContain('secret-')
    expect(text).not.toMatch(/last_ip|chat_id|created_at/)
  }
})
