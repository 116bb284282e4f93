import { fileURLToPath } from 'node:url'

let folder = fileURLToPath(new URL('../../dist/', import.meta.url))

/** Where the files lie that a page loads: `dist/`, with a slash at its end. */
export const buildFolder = (): string => folder

/** Lets pages load another build until what is given back is called. */
export const useBuild = (other: string): (() => void) => {
  const before = folder
  folder = other
  return () => (folder = before)
}
