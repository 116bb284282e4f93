import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { measureSize } from '../../scripts/measureSize'

const root = new URL('../../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, root), 'utf8')
const budget = JSON.parse(read('size-budget.json')) as Record<string, number>

describe('what a page loads, in bytes of brotli', () => {
  it.each(Object.entries(budget))('%s: at most %i', (file, bytes) => {
    expect(measureSize(file)).toBeLessThanOrEqual(bytes)
  })

  it('is what the README says', () => {
    const quoted = [...read('README.md').matchAll(/\*\*([\d,]+) bytes\*\*/g)].map(([, number]) =>
      Number(number!.replace(/,/g, '')),
    )
    expect(quoted).toEqual(Object.keys(budget).map(measureSize))
  })
})
