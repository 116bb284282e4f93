import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The packed packages. */
    tarballs: { snippet: string; relay: string }
    /** A project outside the repository in which nothing but the two tarballs is installed. */
    consumer: string
  }
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Settings of the npm that runs the tests must not steer the one that packs and installs. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_(?:registry|cache|userconfig)$)/i.test(name),
  ),
)
const npm = (cwd: string, ...words: string[]) =>
  execFileSync('npm', words, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })

/** Packs both packages as they would be published, once for all files, and installs them in an empty project. */
export default function setup(project: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), 'usercom-packed-'))
  npm(root, 'pack', '--ignore-scripts', '--pack-destination', folder)
  npm(join(root, 'relay'), 'pack', '--ignore-scripts', '--pack-destination', folder)
  const find = (name: string) =>
    join(
      folder,
      readdirSync(folder).find((file) => file.startsWith(`${name}-`))!,
    )
  const tarballs = { snippet: find('usercom-snippet'), relay: find('usercom-relay') }

  const consumer = mkdtempSync(join(tmpdir(), 'usercom-consumer-'))
  const dependencies = {
    'usercom-snippet': `file:${tarballs.snippet}`,
    'usercom-relay': `file:${tarballs.relay}`,
  }
  writeFileSync(
    join(consumer, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  )
  // Without better-sqlite3, which is optional, and takes a minute to compile where no binary can be had.
  const flags = ['--omit=optional', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  npm(consumer, 'install', ...flags)

  project.provide('tarballs', tarballs)
  project.provide('consumer', consumer)
  return () => {
    for (const path of [folder, consumer]) rmSync(path, { recursive: true, force: true })
  }
}
