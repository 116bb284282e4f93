import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listenOnFreePort } from './listenOnFreePort'
import { startStandIn } from './standin'

/** Who takes the people: User.com's app of the environment, or a stand-in. */
export interface App {
  /** What the relay needs to know of it. */
  access: { subdomain: string; apiKey: string; apiUrl?: string }
  /** Where its users can be seen. */
  usersUrl: string
  isStandIn: boolean
  outboxFile: string
  close(): Promise<void>
}

const standInKey = 'demo'.repeat(16)

/** @param port where a stand-in listens, if that one is free */
export async function openApp(environment: NodeJS.ProcessEnv, port: number): Promise<App> {
  const { USERCOM_SUBDOMAIN: subdomain, USERCOM_API_KEY: apiKey, USERCOM_API_URL: apiUrl } = environment
  if (subdomain && apiKey) return openRealApp({ subdomain, apiKey, ...(apiUrl && { apiUrl }) })
  if (subdomain || apiKey)
    throw new Error(
      'set both USERCOM_SUBDOMAIN and USERCOM_API_KEY for your app, or neither for the stand-in',
    )
  const standIn = await listenOnFreePort(port, (port) => startStandIn({ apiKey: standInKey, port }))
  const folder = mkdtempSync(join(tmpdir(), 'usercom-demo-'))
  return {
    access: { subdomain: 'demo', apiKey: standInKey, apiUrl: standIn.url },
    usersUrl: standIn.pageUrl,
    isStandIn: true,
    outboxFile: join(folder, 'outbox.db'),
    close: async () => {
      await standIn.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** People who wait for a real app outlive a restart, in a file of that app's own, so that they reach no other. */
function openRealApp(access: App['access']): App {
  const folder = fileURLToPath(new URL('../.cache/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  return {
    access,
    usersUrl: `https://${access.subdomain}.user.com/`,
    isStandIn: false,
    outboxFile: join(folder, `demo-${access.subdomain.replace(/\W/g, '_')}.db`),
    close: async () => {},
  }
}
