/** Django REST Framework's way to count: the time of each request that was let in within the last second. */
export function createThrottle(requestsPerSecond: number, now: () => number): () => boolean {
  const times: number[] = []
  return () => {
    while (times[0] !== undefined && times[0] <= now() - 1000) times.shift()
    if (times.length >= requestsPerSecond) return false
    times.push(now())
    return true
  }
}
