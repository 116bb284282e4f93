import type { createClient } from './createClient'
import type { Client } from './types'

/** What the stub records of one call: the method, its promise's `resolve`, its arguments, its idempotency key. */
export type RecordedCall = [
  name: keyof Client,
  resolve: (result: unknown) => void,
  first: unknown,
  second: unknown,
  key: string,
]

/** The page's global, as stub and script leave it there. */
export type Page = {
  UserCom?: Partial<Client> & {
    /** The stub's list of calls, until the script takes it away. */
    q?: RecordedCall[]
    /** Only the script has it. */
    createClient?: typeof createClient
  }
}
