import { expect, it } from 'vitest'
import { createOnce } from '../src/createOnce.js'

const setUp = (options = {}) => {
  const clock = { at: 0 }
  const once = createOnce<string>({ isDone: (result) => result === 'done', now: () => clock.at, ...options })
  let runs = 0
  const run = (key: string, result: string | Promise<string> = 'done') =>
    once(key, async () => {
      runs += 1
      return result
    })
  return { clock, run, runs: () => runs }
}

it('runs once for a key, under way and after', async () => {
  const { run, runs } = setUp()
  expect(await Promise.all([run('a'), run('a'), run('b')])).toEqual(['done', 'done', 'done'])
  await run('a')
  expect(runs()).toBe(2)
})

it('runs again where it was not done, or failed', async () => {
  const { run, runs } = setUp()
  await run('a', 'later')
  await expect(run('a', Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  await run('a')
  expect(runs()).toBe(3)
})

it('forgets after five minutes, and the oldest beyond its bound', async () => {
  const { clock, run, runs } = setUp({ maxEntries: 2 })
  await run('a')
  clock.at += 299_000
  await run('a')
  expect(runs()).toBe(1)
  clock.at += 2_000
  await run('a')
  expect(runs()).toBe(2)
  await run('b')
  await run('c')
  await run('a')
  expect(runs()).toBe(5)
})

it('runs again where the first has been under way for longer than it can take', async () => {
  const { clock, run, runs } = setUp()
  void run('a', new Promise(() => {}))
  clock.at += 11_000
  void run('a')
  expect(runs()).toBe(1)
  clock.at += 2_000
  expect(await run('a')).toBe('done')
  expect(runs()).toBe(2)
  clock.at += 60_000
  await run('a')
  expect(runs()).toBe(2)
})
