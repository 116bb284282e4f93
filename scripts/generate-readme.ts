// Writes into README.md what it says of the code: `npm run readme`, after a build.
import { readFileSync, writeFileSync } from 'node:fs'
import { generateReadme } from './readme/generateReadme'

const file = new URL('../README.md', import.meta.url)
writeFileSync(file, await generateReadme(readFileSync(file, 'utf8')))
