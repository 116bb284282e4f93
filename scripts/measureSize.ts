import { readFileSync } from 'node:fs'
import { brotliCompressSync, constants } from 'node:zlib'

/** What a file costs to load, in bytes: compressed as relays and CDNs send it, brotli at its best. */
export const measureSize = (file: string): number =>
  brotliCompressSync(readFileSync(new URL(`../${file}`, import.meta.url)), {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  }).byteLength
