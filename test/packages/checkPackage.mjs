// What publint and Are-The-Types-Wrong find in a tarball, as JSON: node checkPackage.mjs <tarball> <entry…>
import { readFileSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const [file, ...entrypoints] = process.argv.slice(2)
const tarball = readFileSync(file)
const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true })
const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)), { entrypoints })
console.log(
  JSON.stringify({
    publint: messages.map((message) => formatMessage(message, pkg)),
    types: analysis.types && Object.keys(analysis.entrypoints),
    attw: analysis.problems.map(({ kind, entrypoint, resolutionKind }) =>
      [kind, entrypoint, resolutionKind].filter(Boolean).join(' '),
    ),
  }),
)
