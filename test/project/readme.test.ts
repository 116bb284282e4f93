import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { generateReadme } from '../../scripts/readme/generateReadme'

const root = new URL('../../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')
const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']

it('says of the code what the code says: `npm run readme` writes it', async () => {
  expect(readme).toBe(await generateReadme(readme))
})

it.each(documents)('%s links to files that are there, and to headings', (name) => {
  const text = readFileSync(new URL(name, root), 'utf8')
    .split('```')
    .filter((_, index) => index % 2 === 0)
    .join('')
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\d _-]/gu, '')
      .replace(/ /g, '-'),
  )
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)
  for (const link of links.filter((link) => !/^[a-z]+:/.test(link))) {
    const [path = '', anchor] = link.split('#')
    if (path) expect(existsSync(new URL(path, root)), link).toBe(true)
    else expect(anchors, link).toContain(anchor)
  }
})

it('ARCHITECTURE.md maps files that are there', () => {
  const text = readFileSync(new URL('ARCHITECTURE.md', root), 'utf8')
  const folders = ['src', 'src/attributes', 'relay/src']
  for (const [, file] of text.matchAll(/`([\w/-]+\.ts)`/g))
    expect(
      folders.some((folder) => existsSync(new URL(`${folder}/${file}`, root))),
      file,
    ).toBe(true)
})

it('names the commands that there are', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: object }
  for (const name of documents)
    for (const [, command] of readFileSync(new URL(name, root), 'utf8').matchAll(/npm run ([\w-]+)(?! -w)/g))
      expect(Object.keys(scripts)).toContain(command)
})
