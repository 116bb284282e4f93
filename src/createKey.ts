/**
 * A random UUID. `crypto.randomUUID` is missing on insecure pages; `Math.random` is enough there, since the key only
 * has to differ from others and guards nothing.
 */
export const createKey = (): string => {
  try {
    return crypto.randomUUID()
  } catch {
    return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) =>
      (+digit ^ ((Math.random() * 16) >> (+digit / 4))).toString(16),
    )
  }
}
