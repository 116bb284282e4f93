import { createKey } from './createKey'
import type { Page, RecordedCall } from './page'

const page = globalThis as Page

// A second stub, or one below a script that is already there, leaves what it finds.
if (!page.UserCom?.identify) {
  const q: RecordedCall[] = []
  page.UserCom = { q }
  for (const name of ['init', 'identify', 'reset', 'consent', 'flush'] as const)
    // The script replaces `q.push`: a reference that was taken early keeps working.
    page.UserCom[name] = (...args: unknown[]) =>
      new Promise<never>((resolve) => {
        q.push([name, args, resolve as (result: unknown) => void, createKey()])
      })
}
