import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** The program that a variable names, else the first of these names on the PATH; a name may be a whole path. */
export function findExecutable(variable: string, names: string[]): string {
  const named = process.env[variable]
  if (named) return named
  const folders = (process.env.PATH ?? '').split(delimiter)
  for (const name of names)
    for (const path of isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name)))
      if (isExecutable(path)) return path
  throw new Error(
    `none of ${names.join(', ')} is installed: run "node scripts/prepare.mjs --for-tests" or set ${variable}`,
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
