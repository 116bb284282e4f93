import { readFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { measureSize } from '../measureSize'
import { toAttributeTable, toCodeTable } from './attributeTables'
import { toEngineTable } from './engineTable'
import { toPageOptionTable, toRelayOptionTable } from './optionTables'

const root = new URL('../../', import.meta.url)
const toBytes = (count: number) => `**${count.toLocaleString('en')} bytes**`

const toPaste = () => {
  const stub = readFileSync(new URL('dist/stub.js', root), 'utf8').trim()
  // Prettier would spread the stub over fifty lines.
  return `<!-- prettier-ignore -->
\`\`\`html
<script>${stub}</script>
<script async src="https://relay.example.com/usercom.js"></script>
<script>
  UserCom.identify({ email: 'myemail@example.org', first_name: 'John', tags: ['new'] })
</script>
\`\`\``
}

/** What stands between \`<!-- name -->\` and \`<!-- /name -->\`: read from the sources and from what was built. */
const parts: Record<string, () => string> = {
  size: () =>
    `The script is ${toBytes(measureSize('dist/usercom.umd.js'))}, the stub to paste ${toBytes(measureSize('dist/stub.js'))}, compressed with brotli. No dependency. A test holds both numbers.`,
  paste: toPaste,
  attributes: toAttributeTable,
  codes: toCodeTable,
  engines: toEngineTable,
  options: toPageOptionTable,
  'relay-options': toRelayOptionTable,
}

/** The README with each generated part as it ought to be. */
export const generateReadme = async (readme: string): Promise<string> => {
  let text = readme
  for (const [name, toPart] of Object.entries(parts)) {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    const [from, to] = [text.indexOf(start), text.indexOf(end)]
    if (from < 0 || to < from) throw new Error(`README.md has no ${start} … ${end}`)
    text = `${text.slice(0, from)}${start}\n\n${toPart()}\n\n${text.slice(to)}`
  }
  return format(text, { ...(await resolveConfig(new URL('README.md', root))), parser: 'markdown' })
}
