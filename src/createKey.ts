/**
 * A random UUID. `crypto.randomUUID` is missing on insecure pages; `Math.random` is enough there, since the key only
 * has to differ from others and guards nothing.
 */
export const createKey = (): string =>
  globalThis.crypto?.randomUUID?.() ??
  'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => ((Math.random() * 16) | 0).toString(16))
