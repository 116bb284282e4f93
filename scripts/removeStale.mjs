// Removes from dist/ what no source makes any more, so that it is not published. The rest stays in place: a running
// relay, demo or test may be reading it.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import config from '../rollup.config.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

const bundles = new Set(
  config
    .flatMap(({ output }) => output)
    .flatMap(({ file, sourcemap }) => (sourcemap ? [file, `${file}.map`] : [file])),
)
removeFrom('dist', (file) => bundles.has(`dist/${file}`))
removeFrom('relay/dist', (file) =>
  existsSync(join(root, 'relay/src', file.replace(/(?:\.d\.ts|\.js)$/, '.ts'))),
)

function removeFrom(folder, isMade) {
  if (!existsSync(join(root, folder))) return
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name)
    const file = path.slice(join(root, folder).length + 1).replaceAll('\\', '/')
    if (!entry.isDirectory() && !isMade(file)) rmSync(path)
  }
}
