export interface Heap<T> {
  push(item: T): void
  /** The first item, which stays. */
  peek(): T | undefined
  pop(): T | undefined
}

/** A binary heap: the first of a million is found and taken in twenty steps. */
export const createHeap = <T>(isBefore: (a: T, b: T) => boolean): Heap<T> => {
  const items: T[] = []
  const at = (index: number) => items[index] as T

  return {
    push: (item) => {
      let index = items.length
      while (index > 0) {
        const parent = (index - 1) >> 1
        if (!isBefore(item, at(parent))) break
        items[index] = at(parent)
        index = parent
      }
      items[index] = item
    },
    peek: () => items[0],
    pop: () => {
      const first = items[0]
      const last = items.pop()
      if (!items.length || last === undefined) return first
      let index = 0
      for (;;) {
        let child = 2 * index + 1
        if (child >= items.length) break
        if (child + 1 < items.length && isBefore(at(child + 1), at(child))) child += 1
        if (!isBefore(at(child), last)) break
        items[index] = at(child)
        index = child
      }
      items[index] = last
      return first
    },
  }
}
