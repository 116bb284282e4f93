// U+001C to U+001F and U+0085 are blanks to Python's `strip` only, U+FEFF to JavaScript's `trim` only (it is in `\s`).
// From the first character that is no blank to the last: greedy, so that a long run of blanks is walked once.
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const content = /[^\s\x1c-\x1f\x85](?:.*[^\s\x1c-\x1f\x85])?/s

/** Removes what JavaScript's `trim` or Python's `strip` would remove: what is left is the same to the page and to User.com. */
export const trim = (text: string): string => (content.exec(text) || [''])[0]
