// npm run release:check: says of each thing that a release needs whether it is right, and ends with 1 where one is not.
import { fileURLToPath } from 'node:url'
import { releaseChecks } from './checkRelease'

const root = fileURLToPath(new URL('..', import.meta.url))
for (const [name, check] of Object.entries(releaseChecks)) {
  const problems = check(root, process.env)
  console.log(`${problems.length ? 'wrong' : 'right'}  ${name}`)
  for (const problem of problems) console.log(`       ${problem}`)
  if (problems.length) process.exitCode = 1
}
