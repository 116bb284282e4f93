import type { Relay } from 'usercom-relay'

export const apiKey: string
export const page: string
export const tokenSecret: string
export const createSite: (apiUrl: string, silentUrl: string) => Relay['fetch']
