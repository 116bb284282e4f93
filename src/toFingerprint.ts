/**
 * A short salted hash (FNV-1a with two multipliers), to recognise what was sent without keeping it. Not a
 * cryptographic one: those are asynchronous, and missing on insecure pages.
 */
export const toFingerprint = (text: string): string => {
  let first = 0x811c9dc5
  let second = 0xdeadbeef
  for (let index = 0; index < text.length; index++) {
    first = Math.imul(first ^ text.charCodeAt(index), 0x01000193)
    second = Math.imul(second ^ text.charCodeAt(index), 0x85ebca6b)
  }
  return `${first}${second}`
}
