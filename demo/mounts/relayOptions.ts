import type { RelayOptions } from 'usercom-relay'

/** The relay's options from the variables that the command reads too. */
export const relayOptions = (environment: Record<string, string | undefined>): RelayOptions => ({
  subdomain: environment.USERCOM_SUBDOMAIN ?? '',
  apiKey: environment.USERCOM_API_KEY ?? '',
  ...(environment.USERCOM_API_URL && { apiUrl: environment.USERCOM_API_URL }),
  allowedOrigins: (environment.RELAY_ALLOWED_ORIGINS ?? '').split(',').filter(Boolean),
})
