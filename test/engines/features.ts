/** What the snippet uses where it is there: an expression that says so in the page, and what becomes of it where it is not. */
export const features = [
  [
    '`fetch` with `keepalive`',
    `'keepalive' in Request.prototype`,
    'a call made while leaving waits for the next page',
  ],
  ['Web Locks', `'locks' in navigator`, 'two tabs may both try; the idempotency key makes it one'],
  ['`crypto.randomUUID`', `'randomUUID' in crypto`, 'the key is made with `Math.random`'],
  ['`AbortSignal.timeout`', `'timeout' in AbortSignal`, 'the browser’s own, longer time limit'],
  ['`Intl.Segmenter`', `'Segmenter' in Intl`, '`tooLong: "truncate"` cuts between code points'],
  [
    '`localStorage`',
    `(localStorage.setItem('feature', '1'), localStorage.removeItem('feature'), true)`,
    'calls wait in memory',
  ],
  [
    '`navigator.globalPrivacyControl`',
    `'globalPrivacyControl' in navigator`,
    '`respectGpc` has nothing to respect',
  ],
] as const

/** As the last run saw it, for each engine; the suite fails where an engine differs. */
export type SeenFeatures = Record<string, Record<string, boolean>>
