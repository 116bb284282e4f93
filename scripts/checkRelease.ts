import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { relayFiles, snippetFiles } from './packedFiles'

interface Manifest {
  version: string
  dependencies?: Record<string, string>
  publishConfig?: { access?: string; provenance?: boolean }
}

interface Workflow {
  jobs: Record<
    string,
    { permissions?: Record<string, string>; steps: { run?: string; uses?: string; if?: string }[] }
  >
}

type Check = (root: string, environment: Record<string, string | undefined>) => string[]

const read = (root: string, file: string) => readFileSync(join(root, file), 'utf8')
const readManifest = (root: string, folder: string) =>
  JSON.parse(read(root, join(folder, 'package.json'))) as Manifest

/** Both packages, the lock file and the tag say one version. */
const checkVersions: Check = (root, environment) => {
  const { version } = readManifest(root, '.')
  const relay = readManifest(root, 'relay')
  const lock = JSON.parse(read(root, 'package-lock.json')) as { packages: Record<string, Manifest> }
  const isTag = environment.GITHUB_REF_TYPE === 'tag'
  const found: [string, string | undefined, string][] = [
    ['relay/package.json', relay.version, version],
    ['what relay/package.json depends on', relay.dependencies?.['usercom-snippet'], `^${version}`],
    ['package-lock.json', lock.packages['']?.version, version],
    ['package-lock.json for relay', lock.packages.relay?.version, version],
    ['the tag', isTag ? environment.GITHUB_REF_NAME : `v${version}`, `v${version}`],
  ]
  return found
    .filter(([, is, must]) => is !== must)
    .map(([what, is, must]) => `${what} says ${is}, and must say ${must}`)
}

/** The changelog has an entry of its own for this version, with its day and with something in it. */
const checkChangelog: Check = (root) => {
  const { version } = readManifest(root, '.')
  const sections = read(root, 'CHANGELOG.md').split(/^## /m)
  const section = sections.find((text) => text.startsWith(`${version} `) || text.startsWith(`${version}\n`))
  if (!section) return [`there is no "## ${version} – year-month-day": is it still under "Unreleased"?`]
  const [title = '', ...lines] = section.split('\n')
  return [
    ...(/\d{4}-\d{2}-\d{2}$/.test(title.trim()) ? [] : [`"## ${title}" does not end with its day`]),
    ...(lines.join('').trim() ? [] : [`nothing is under "## ${title}"`]),
  ]
}

const compare = (name: string, expected: string[], packed: string[]) => [
  ...expected.filter((file) => !packed.includes(file)).map((file) => `${name} lacks ${file}`),
  ...packed.filter((file) => !expected.includes(file)).map((file) => `${name} has a stray ${file}`),
]

/** The tarballs hold what they should, and nothing else. */
const checkTarballs: Check = (root) => {
  const pack = (folder: string) => {
    const words = ['pack', '--dry-run', '--json', '--ignore-scripts']
    const stdout = execFileSync('npm', words, {
      cwd: join(root, folder),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // A list up to npm 10, an object by name from npm 11 on.
    const [packed] = Object.values(JSON.parse(stdout) as object) as { files: { path: string }[] }[]
    return packed!.files.map(({ path }) => path)
  }
  return [
    ...compare('usercom-snippet', snippetFiles(), pack('.')),
    ...compare('usercom-relay', relayFiles(root), pack('relay')),
  ]
}

/** What is published says by itself from which commit and by which workflow it was made. */
const checkProvenance: Check = (root) => {
  const manifests = ['.', 'relay'].flatMap((folder) => {
    const { access, provenance } = readManifest(root, folder).publishConfig ?? {}
    return access === 'public' && provenance === true
      ? []
      : [`${join(folder, 'package.json')}: publishConfig must be {"access": "public", "provenance": true}`]
  })
  const { jobs } = parse(read(root, '.github/workflows/release.yml')) as Workflow
  const publishing = Object.entries(jobs).filter(([, { steps }]) =>
    steps.some(({ run }) => run?.startsWith('npm publish')),
  )
  const workflow = publishing.flatMap(([name, { permissions, steps }]) => {
    const publishes = steps.map(({ run = '' }) => run).filter((run) => run.startsWith('npm publish'))
    const before = steps.slice(
      0,
      steps.findIndex(({ run }) => run?.startsWith('npm publish')),
    )
    return [
      ...(permissions?.['id-token'] === 'write' ? [] : [`job ${name} may not sign: id-token must be write`]),
      ...publishes
        .filter((run) => !run.includes('--provenance'))
        .map((run) => `"${run}" has no --provenance`),
      ...['npm test', 'npm run release:check']
        .filter((must) => !before.some(({ run, if: condition }) => run === must && !condition))
        .map((must) => `job ${name} publishes without "${must}" before`),
    ]
  })
  return [...manifests, ...(publishing.length ? workflow : ['release.yml publishes nothing'])]
}

/** What must be right before a version is published, each with what is wrong about it. */
export const releaseChecks: Record<string, Check> = {
  versions: checkVersions,
  changelog: checkChangelog,
  tarballs: checkTarballs,
  provenance: checkProvenance,
}
