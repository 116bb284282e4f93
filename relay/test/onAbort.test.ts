import { expect, it } from 'vitest'
import { createPace } from '../src/createPace.js'

it('a hundred that wait on one signal draw no warning of a leak, and all end with it', async () => {
  const warnings: string[] = []
  const note = (warning: Error) => warnings.push(warning.name)
  process.on('warning', note)
  const pace = createPace(1)
  const abort = new AbortController()
  const taken = Array.from({ length: 100 }, () => pace.take(abort.signal))
  // Node warns in a turn of its own.
  await new Promise((resolve) => setImmediate(resolve))
  abort.abort()
  const slots = await Promise.all(taken)
  process.off('warning', note)
  expect(slots.filter(Boolean)).toHaveLength(1)
  expect(warnings).toEqual([])
})
