import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const library = (name: string) =>
  ['js', 'js.map', 'cjs', 'cjs.map', 'd.ts', 'd.cts'].map((ending) => `dist/${name}.${ending}`)

/** Every file that a tarball of `usercom-snippet` holds, and no other. */
export const snippetFiles = (): string[] =>
  [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
    ...library('index'),
    ...library('attributes'),
    ...library('testing'),
    'dist/stub.js',
    'dist/usercom.umd.js',
    'dist/usercom.umd.js.map',
  ].sort()

/** The same for `usercom-relay`: what each of its sources is compiled to, and the doors for CommonJS. */
export const relayFiles = (root: string): string[] => {
  const sources = readdirSync(join(root, 'relay/src'), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
  return [
    'LICENSE',
    'README.md',
    'bin/usercom-relay.js',
    ...['index', 'node'].flatMap((name) => [`cjs/${name}.cjs`, `cjs/${name}.d.cts`]),
    'package.json',
    ...sources.flatMap((source) => [`dist/${source}.js`, `dist/${source}.d.ts`]),
  ].sort()
}
