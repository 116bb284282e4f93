import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, inject, it } from 'vitest'
import { relayFiles, snippetFiles } from '../../scripts/packedFiles'
import { runTool } from '../support/runTool'

interface Findings {
  publint: string[]
  attw: string[]
  types: string[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const tarballs = inject('tarballs')
const installed = (name: string) => join(inject('consumer'), 'node_modules', name)
const listed = (tarball: string) =>
  execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''))
    .sort()

it('usercom-snippet is packed as listed, with no stray file', () => {
  expect(listed(tarballs.snippet)).toEqual(snippetFiles())
})

it('usercom-relay is packed as listed, with no stray file', () => {
  expect(listed(tarballs.relay)).toEqual(relayFiles(root))
})

it('publint and Are The Types Wrong find nothing in usercom-snippet', async () => {
  // The two scripts for script tags are files, not modules: nobody imports from them.
  const modules = ['.', './attributes', './testing']
  const findings = await runTool<Findings>('checkPackage.mjs', tarballs.snippet, ...modules)
  expect(findings).toEqual({ publint: [], types: modules, attw: [] })
})

it('publint and Are The Types Wrong find nothing in usercom-relay', async () => {
  const modules = ['.', './node']
  const findings = await runTool<Findings>('checkPackage.mjs', tarballs.relay, ...modules)
  expect(findings).toEqual({ publint: [], types: modules, attw: [] })
})

it('every source map leads to sources that it holds itself, by paths inside the package', () => {
  const folder = join(installed('usercom-snippet'), 'dist')
  const maps = readdirSync(folder).filter((file) => file.endsWith('.map'))
  expect(maps).toHaveLength(7)
  for (const file of maps) {
    const map = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<
      'sources' | 'sourcesContent',
      string[]
    >
    expect(map.sources.length).toBeGreaterThan(0)
    for (const source of map.sources) expect(source).toMatch(/^\.\.\/src\/[\w/]+\.ts$/)
    expect(map.sourcesContent.map((content) => typeof content)).toEqual(map.sources.map(() => 'string'))
    expect(readFileSync(join(folder, file.slice(0, -'.map'.length)), 'utf8')).toContain(
      `sourceMappingURL=${file}`,
    )
  }
})

it.each(['usercom-snippet', 'usercom-relay'])('%s names no path of the machine it was built on', (name) => {
  const folder = installed(name)
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (/\.(?:c?js|map|c?ts|json)$/.test(file))
      expect([file, readFileSync(join(folder, file), 'utf8').includes(root)]).toEqual([file, false])
})

it('the snippet brings nothing else along', () => {
  const manifest = JSON.parse(
    readFileSync(join(installed('usercom-snippet'), 'package.json'), 'utf8'),
  ) as object
  expect(manifest).not.toHaveProperty('dependencies')
  expect(manifest).not.toHaveProperty('optionalDependencies')
  expect(manifest).not.toHaveProperty('peerDependencies')
})

it('what unpkg and jsdelivr serve is the script for script tags', () => {
  const folder = installed('usercom-snippet')
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
  expect([manifest.unpkg, manifest.jsdelivr]).toEqual(['./dist/usercom.umd.js', './dist/usercom.umd.js'])
  expect(() => new Function(readFileSync(join(folder, manifest.unpkg!), 'utf8'))).not.toThrow()
})
