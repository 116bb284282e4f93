/**
 * A short hash (FNV-1a), to recognise what was sent without keeping it: 32 bits are the same for too many texts to tell
 * which it was, and take one change in four billion for none.
 */
export const toFingerprint = (text: string): string => {
  let hash = 0
  // No `reduce`: Prototype.js 1.6 has one that gives the text itself.
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
  return `${hash}`
}
