/** Keys and texts, as `localStorage` and a plain object have them. */
type Texts = Record<string, string>

export type Store = ReturnType<typeof createStore>

/** Nothing where the text is no JSON: storage may hold rubbish, or an older version's. */
export const parseJson = (text: string | null | undefined) => {
  try {
    return JSON.parse(text!)
  } catch {
    return
  }
}

/**
 * Small records, each under a key of its own, since tabs write at the same time.
 *
 * What this page writes is in memory, and in `pick()` where that is not refused: reading `window.localStorage` can throw,
 * and so can every use of it (cookies off, private mode, quota). What other tabs wrote is there too.
 */
export const createStore = (pick: () => Texts) => {
  const memory: Texts = {}
  const attempt = <Answer>(use: (texts: Texts) => Answer): Answer | undefined => {
    try {
      return use(pick())
    } catch {
      return
    }
  }
  const remove = (key: string) => {
    delete memory[key]
    attempt((texts) => delete texts[key])
  }
  return {
    keys: () =>
      [...new Set([...Object.keys(memory), ...(attempt(Object.keys) ?? [])])].filter((key) =>
        key.startsWith('usercom '),
      ),
    read: (key: string) => parseJson(attempt((texts) => texts[key]) ?? memory[key]),
    write: (key: string, record: object) => {
      // Removed first: an older text must not outlive a newer one that finds no room.
      remove(key)
      memory[key] = JSON.stringify(record)
      attempt((texts) => (texts[key] = memory[key]!))
    },
    remove,
  }
}
