import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

/** The last column of each line: a file of tests and the title of one of them, or of a group. */
const named = read('../SECURITY.md')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| (?:Threat|---)/.test(line))
  .map((line) => {
    const cell = line.slice(0, -1).split(' | ').at(-1)?.trim() ?? ''
    const [file = '', ...title] = cell.split(' › ')
    return { line, file: file.replaceAll('`', ''), title: title.join(' › ') }
  })

describe('SECURITY.md', () => {
  it('has its lines', () => expect(named.length).toBeGreaterThan(40))

  it.each(named)('names a test that exists: $file › $title', ({ file, title }) => {
    expect(file).toMatch(/^\w+\.(?:test|suite)\.ts$/)
    const source = read(`./${file}`).replaceAll("\\'", "'")
    // Quotes are the source's own: only one that begins a string makes a title.
    expect(["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`))).toBe(true)
  })
})
