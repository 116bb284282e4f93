/** Attributes are an object of values and lists; whatever is deeper is none, and is not parsed at all. */
const maxDepth = 8

/** Read as numbers: each letter as a text of its own would take several times as long. */
const codes = {
  quote: 0x22,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
}

const isTooDeep = (text: string): boolean => {
  let depth = 0
  let isInString = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (isInString) {
      if (character === codes.backslash) at += 1
      else if (character === codes.quote) isInString = false
    } else if (character === codes.quote) isInString = true
    else if (character === codes.openBrace || character === codes.openBracket) {
      depth += 1
      if (depth > maxDepth) return true
    } else if (character === codes.closeBrace || character === codes.closeBracket) depth -= 1
  }
  return false
}

/** Keeps nothing from one body to the next. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A JSON object in UTF-8, or `undefined`. Its `__proto__`, if any, is an own property, and no prototype was touched. */
export const parseBody = (bytes: Uint8Array): object | undefined => {
  try {
    const text = decoder.decode(bytes)
    const value: unknown = isTooDeep(text) ? undefined : JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
