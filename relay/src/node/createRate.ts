/** How often something happened in each second, over the last minute. */
export const createRate = (now: () => number = () => Date.now()) => {
  const windowSeconds = 60
  const counts = new Map<number, number>()
  const second = () => Math.floor(now() / 1_000)
  const forget = () => {
    for (const at of counts.keys()) if (at <= second() - windowSeconds) counts.delete(at)
  }
  return {
    count: () => {
      const at = second()
      if (!counts.has(at)) forget()
      counts.set(at, (counts.get(at) ?? 0) + 1)
    },
    perSecond: () => {
      forget()
      let sum = 0
      for (const count of counts.values()) sum += count
      return sum / windowSeconds
    },
  }
}
