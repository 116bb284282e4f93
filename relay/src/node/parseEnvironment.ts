import type { ServeOptions } from './serve.js'

type Option = keyof ServeOptions

interface Variable {
  option: Option
  parse: (text: string) => unknown
}

const text = (value: string) => value.trim()
const list = (value: string) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
/** One secret, or several as `kid:secret`, separated by commas. */
const secrets = (value: string) => {
  const items = list(value).map((item) => item.split(':'))
  return items.length === 1 && items[0]?.length === 1
    ? items[0][0]
    : Object.fromEntries(items.map(([kid, ...secret]) => [kid, secret.join(':')]))
}
/** What is no number becomes NaN, which the options' own check then names. */
const number = (value: string) => Number(value.trim())

/** Which variable sets which option of `serve`. */
const variables: Readonly<Record<string, Variable>> = {
  USERCOM_SUBDOMAIN: { option: 'subdomain', parse: text },
  USERCOM_API_KEY: { option: 'apiKey', parse: text },
  USERCOM_API_URL: { option: 'apiUrl', parse: text },
  RELAY_ALLOWED_ORIGINS: { option: 'allowedOrigins', parse: list },
  RELAY_ALLOWED_ATTRIBUTES: { option: 'allowedAttributes', parse: list },
  RELAY_TOKEN_SECRET: { option: 'tokenSecret', parse: secrets },
  RELAY_VERIFICATION: { option: 'verification', parse: text },
  RELAY_UNVERIFIED_PER_HOUR: { option: 'unverifiedPerHour', parse: number },
  RELAY_KNOWN_EMAIL: { option: 'knownEmail', parse: text },
  RELAY_UPSTREAM_PER_SECOND: { option: 'upstreamPerSecond', parse: number },
  RELAY_CLIENT_PER_MINUTE: { option: 'clientPerMinute', parse: number },
  RELAY_TRUST_PROXY: { option: 'trustProxy', parse: number },
  RELAY_OUTBOX: { option: 'outbox', parse: text },
  RELAY_MAX_OUTBOX: { option: 'maxOutbox', parse: number },
  RELAY_METRICS_PORT: { option: 'metricsPort', parse: number },
  HOST: { option: 'host', parse: text },
  PORT: { option: 'port', parse: number },
  RELAY_BASE_PATH: { option: 'basePath', parse: text },
}

/** A restart, a redeploy and an hour without User.com lose nothing, and there is nothing to set up. */
const defaultOutbox = 'sqlite:./usercom-outbox.db'

/** Reads the options of `serve` from the environment; empty variables count as absent. Checking them is `serve`'s. */
export const parseEnvironment = (environment: Readonly<Record<string, string | undefined>>): ServeOptions => {
  const options: Record<string, unknown> = { outbox: defaultOutbox }
  for (const [name, { option, parse }] of Object.entries(variables)) {
    const value = environment[name]
    if (value?.trim()) options[option] = parse(value)
  }
  return options as unknown as ServeOptions
}

/** The variable that sets an option, for messages. */
export const toVariable = (option: string): string =>
  Object.entries(variables).find(([, variable]) => variable.option === option)?.[0] ?? option
