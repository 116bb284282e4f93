import type { createClient } from '../../src/createClient'
import type { Client } from '../../src/types'

declare global {
  interface Window {
    UserCom: Client & { createClient: typeof createClient }
    requirejs: {
      (names: string[], then: (...modules: unknown[]) => void): void
      onError: (error: Error) => void
    }
    /** What a page's own script keeps for the test to look at. */
    kept: Record<string, Promise<unknown>>
  }
  var UserCom: Window['UserCom']
}
