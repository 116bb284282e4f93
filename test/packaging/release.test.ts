import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { releaseChecks } from '../../scripts/checkRelease'

const root = fileURLToPath(new URL('../../', import.meta.url))
const needed = [
  '.github',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'dist',
  'package.json',
  'package-lock.json',
  ...['LICENSE', 'README.md', 'bin', 'cjs', 'dist', 'package.json', 'src'].map((name) => `relay/${name}`),
]

describe('npm run release:check', () => {
  let folder: string

  const edit = (file: string, change: (text: string) => string) => {
    const before = readFileSync(join(folder, file), 'utf8')
    const after = change(before)
    expect(after).not.toBe(before)
    writeFileSync(join(folder, file), after)
  }
  const check = (name: string, environment = {}) => releaseChecks[name]!(folder, environment)

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'usercom-release-'))
    for (const path of needed) cpSync(join(root, path), join(folder, path), { recursive: true })
    const changelog = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8')
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    writeFileSync(
      join(folder, 'CHANGELOG.md'),
      changelog.replace(/^## .*$/m, `## ${version} – 2026-11-23\n\n- A test.`),
    )
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  })

  it('has nothing against a release whose entry is in the changelog', () => {
    for (const name of Object.keys(releaseChecks)) expect([name, check(name)]).toEqual([name, []])
  })

  it('finds versions that differ, and a tag that is another', () => {
    edit('relay/package.json', (text) => text.replace(/"version": ".*"/, '"version": "9.9.9"'))
    expect(check('versions')).toEqual([expect.stringContaining('relay/package.json says 9.9.9')])
    const tag = { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v8.8.8' }
    expect(check('versions', tag)).toContainEqual(expect.stringContaining('the tag says v8.8.8'))
  })

  it('finds a relay that asks for another snippet', () => {
    edit('relay/package.json', (text) =>
      text.replace(/"usercom-snippet": ".*?"/, '"usercom-snippet": "^0.0.1"'),
    )
    expect(check('versions')).toEqual([expect.stringContaining('depends on says ^0.0.1')])
  })

  it('finds a changelog without the version, without its day, or with nothing to say', () => {
    edit('CHANGELOG.md', (text) => text.replace(/ – 2026-11-23/, ''))
    expect(check('changelog')).toEqual([expect.stringContaining('does not end with its day')])
    writeFileSync(
      join(folder, 'CHANGELOG.md'),
      '# Changelog\n\n## 0.1.0 – 2026-11-23\n\n## 0.0.1 – 2026-01-01\n\nOld.\n',
    )
    expect(check('changelog')).toEqual([expect.stringContaining('nothing is under')])
    writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\nMuch.\n')
    expect(check('changelog')).toEqual([expect.stringContaining('Unreleased')])
  })

  it('finds files that are missing from a tarball, and those that have no place there', () => {
    rmSync(join(folder, 'dist/stub.js'))
    writeFileSync(join(folder, 'relay/dist/notes.txt'), '')
    expect(check('tarballs')).toEqual([
      'usercom-snippet lacks dist/stub.js',
      'usercom-relay has a stray dist/notes.txt',
    ])
  })

  it('finds a publication without provenance or without tests before it', () => {
    edit('relay/package.json', (text) => text.replace('"provenance": true', '"provenance": false'))
    edit('.github/workflows/release.yml', (text) =>
      text
        .replaceAll(' --provenance', '')
        .replace('id-token: write', 'id-token: none')
        .replace('run: npm test', 'run: npm ls'),
    )
    expect(check('provenance')).toEqual([
      expect.stringContaining('relay/package.json: publishConfig'),
      expect.stringContaining('id-token must be write'),
      expect.stringContaining('has no --provenance'),
      expect.stringContaining('has no --provenance'),
      expect.stringContaining('without "npm test" before'),
    ])
  })
})

interface Workflow {
  on: Record<string, unknown>
  permissions: Record<string, string>
  jobs: Record<
    string,
    {
      'runs-on': string
      'timeout-minutes': number
      strategy?: { matrix: { node: number[] } }
      steps: ({ uses: string } | { run: string })[]
    }
  >
}

describe.each(['test', 'release'])('.github/workflows/%s.yml', (name) => {
  const workflow = parse(readFileSync(join(root, `.github/workflows/${name}.yml`), 'utf8'), {
    strict: true,
    uniqueKeys: true,
  }) as Workflow
  const jobs = Object.values(workflow.jobs)
  const commands = jobs.flatMap(({ steps }) => steps.flatMap((step) => ('run' in step ? [step.run] : [])))

  it('may read the repository, and by itself nothing more', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    for (const job of jobs)
      expect(job).toMatchObject({
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': expect.any(Number) as number,
      })
  })

  it('runs commands that are there, on actions of a known version', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
    expect(commands.length).toBeGreaterThan(0)
    for (const command of commands) {
      const [, script] = /^npm (?:run )?(test|\w+:\w+)$/.exec(command) ?? []
      if (script) expect(scripts).toHaveProperty([script])
      else expect(command).toMatch(/^npm (?:publish|pkg set) /)
    }
    for (const { steps } of jobs)
      for (const step of steps)
        expect('uses' in step ? step.uses : 'actions/x@v1').toMatch(/^actions\/[\w-]+@v\d+$/)
  })

  it('runs all tests, on every supported line of Node where nothing is published', () => {
    expect(commands).toContain('npm test')
    if (name === 'release') expect(workflow.on).toEqual({ push: { tags: ['v*'] } })
    else expect(jobs.map(({ strategy }) => strategy?.matrix.node)).toEqual([[20, 22, 24]])
  })
})
