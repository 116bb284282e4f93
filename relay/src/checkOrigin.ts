/** Where a call came from: a page of the relay's own, an allowed one, or `undefined`: no one who may post. */
export type OriginKind = 'own' | 'allowed' | undefined

/** The last value before those that trusted proxies added themselves. */
const forwarded = (value: string | null, trustProxy: number): string | undefined => {
  if (!value || trustProxy < 1) return undefined
  const values = value.split(',')
  return values[Math.max(0, values.length - trustProxy)]?.trim()
}

/**
 * Whether the page may post. A browser cannot be made to lie in `Origin` and `Sec-Fetch-Site` by the page it shows;
 * anything that is no browser can say what it likes, and is held by the allowances instead.
 */
export const checkOrigin = (
  request: Pick<Request, 'url' | 'headers'>,
  { allowedOrigins, trustProxy }: { allowedOrigins: ReadonlySet<string>; trustProxy: number },
): OriginKind => {
  const { headers } = request
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  if (origin === null) return site === 'same-origin' ? 'own' : undefined
  if (allowedOrigins.has(origin)) return 'allowed'
  if (site !== null && site !== 'same-origin') return undefined
  const { protocol, host } = new URL(request.url)
  const ownHost = forwarded(headers.get('x-forwarded-host'), trustProxy) ?? host
  const ownProtocol = forwarded(headers.get('x-forwarded-proto'), trustProxy)
  // Behind a proxy that ends TLS the relay sees http:. The other way round a network attacker's page would pass.
  const isOwn =
    origin === `${ownProtocol ? `${ownProtocol}:` : protocol}//${ownHost}` || origin === `https://${ownHost}`
  return isOwn ? 'own' : undefined
}
