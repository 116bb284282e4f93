import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const sources = fileURLToPath(new URL('../../src/', import.meta.url))

/** What in the sources makes a hard page work, and what a build without it has instead. */
export interface Defence {
  /** In `src/`. */
  file: string
  code: string
  without: string
  /** Another thing in the same file that is enough by itself, and has to go with it. */
  also?: Omit<Defence, 'file'>
}

/** The source with the defence taken out; where it does not stand there exactly once there is nothing to take out. */
export const removeDefence = ({ file, also, ...first }: Defence): string =>
  [first, ...(also ? [also] : [])].reduce(
    (text, { code, without }) => {
      const parts = text.split(code)
      if (parts.length !== 2) throw new Error(`src/${file} holds ${parts.length - 1} times: ${code}`)
      return parts.join(without)
    },
    readFileSync(sources + file, 'utf8'),
  )

/** Builds the script and the stub without a defence, and gives the folder; no defence: as they are. */
export const buildWithout = async (defence?: Defence): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'usercom-without-'))
  await build({
    entryPoints: { 'usercom.umd': sources + 'script.ts', stub: sources + 'stub.ts' },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'iife',
    // It would warn of the CommonJS at the script's end.
    logLevel: 'error',
    target: 'es2020',
    banner: { js: '"use strict";' },
    plugins: [
      {
        name: 'without',
        setup({ onLoad }) {
          if (!defence) return
          const contents = removeDefence(defence)
          onLoad({ filter: /\.ts$/ }, ({ path }) =>
            path === sources + defence.file ? { contents, loader: 'ts' } : undefined,
          )
        },
      },
    ],
  })
  return folder + '/'
}
