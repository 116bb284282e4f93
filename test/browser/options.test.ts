import { expect, it } from 'vitest'
import { useSite } from '../support/useSite'

const site = useSite()

it('beforeSend changes or stops what leaves; onResult hears every end', async () => {
  const page = await site.open()
  const heard = await page.evaluate(async () => {
    const heard: unknown[] = []
    UserCom.init({
      beforeSend: (attributes) =>
        attributes.email === 'stop@example.org' ? null : { ...attributes, plan: ' gold ' },
      onResult: (result, attributes) => void heard.push([result.ok, attributes.email ?? null]),
    })
    await UserCom.identify({ email: ' go@example.org ' })
    await UserCom.identify({ email: 'stop@example.org' })
    await UserCom.identify({ email: 'a@@b.co' })
    return heard
  })
  expect(site.relay.posts.map((post) => post.body)).toEqual(['{"email":"go@example.org","plan":"gold"}'])
  expect(heard).toEqual([
    [true, 'go@example.org'],
    [false, 'stop@example.org'],
    [false, null],
  ])
})

it('host callbacks that throw break nothing', async () => {
  const page = await site.open()
  const result = await page.evaluate(() => {
    UserCom.init({
      onResult: () => {
        throw new Error('host')
      },
    })
    return UserCom.identify({ email: 'a@example.org' })
  })
  expect(result).toEqual({ ok: true, status: 'accepted' })
})

it('tooLong: truncate cuts names, never inside a character', async () => {
  const page = await site.open()
  await page.evaluate(() => {
    UserCom.init({ tooLong: 'truncate' })
    return UserCom.identify({ first_name: '👨‍👩‍👧'.repeat(9), last_name: 'x'.repeat(50) })
  })
  expect(JSON.parse(site.relay.posts[0]!.body)).toEqual({
    first_name: '👨‍👩‍👧'.repeat(8),
    last_name: 'x'.repeat(40),
  })
})

it('debug says on the console what happens, and without it nothing is said', async () => {
  const page = await site.open()
  const lines: string[] = []
  page.on('console', (message) => lines.push(message.text()))
  await page.evaluate(() => UserCom.identify({ email: 'a@example.org' }))
  expect(lines).toEqual([])
  await page.evaluate(() => {
    UserCom.init({ debug: true })
    return UserCom.identify({ email: 'b@example.org' })
  })
  expect(lines.length).toBeGreaterThan(0)
})

it('two clients have two outboxes and two endpoints', async () => {
  const page = await site.open()
  await page.waitForFunction(() => 'createClient' in window.UserCom)
  await page.evaluate(async (origin) => {
    const other = UserCom.createClient({ endpoint: `${origin}/other` })
    await Promise.all([
      UserCom.identify({ email: 'a@example.org' }),
      other.identify({ email: 'b@example.org' }),
    ])
  }, site.relay.origin)
  expect(site.relay.posts.map((post) => post.path).sort()).toEqual(['/identify', '/other'])
})
