/**
 * Gathers what is asked for while an earlier batch is under way, and in one event-loop turn, into one batch: the more
 * there is to do, the less each costs. All of a batch are answered together, or rejected together.
 */
export const createTurnBatch = <Item, Answer>(
  run: (items: Item[]) => Promise<Answer[]>,
): ((item: Item) => Promise<Answer>) => {
  interface Waiting {
    item: Item
    resolve: (answer: Answer) => void
    reject: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  let isRunning = false

  const runAll = async () => {
    while (waiting.length) {
      const batch = waiting
      waiting = []
      try {
        const answers = await run(batch.map(({ item }) => item))
        batch.forEach(({ resolve }, index) => resolve(answers[index] as Answer))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isRunning = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (isRunning) return
      isRunning = true
      setImmediate(() => void runAll())
    })
}
