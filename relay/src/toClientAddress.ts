import ipaddr from 'ipaddr.js'

const plainIpv4 = /^\d{1,3}(?:\.\d{1,3}){3}$/

/** An address as proxies write it: with a port, in brackets, with a zone. */
const parseAddress = (text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined => {
  const bare = text.trim().replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
  const address = /^[\d.]+:\d+$/.test(bare) ? bare.slice(0, bare.indexOf(':')) : bare
  return ipaddr.isValid(address) ? ipaddr.process(address) : undefined
}

/**
 * Whose allowance a call counts on: the address, of IPv6 its /64, since that is what one household or server gets.
 * Of `X-Forwarded-For` the entry that the outermost of `trustProxy` proxies wrote is believed; what is further left, anyone
 * can write.
 */
export const toClientAddress = (
  peer: string | undefined,
  forwardedFor: string | null,
  trustProxy: number,
): string | undefined => {
  // The most frequent, and told by the socket: as it should be already.
  if (trustProxy < 1 && peer !== undefined && plainIpv4.test(peer)) return peer
  const forwarded = trustProxy > 0 ? (forwardedFor?.split(',') ?? []) : []
  const entry = forwarded[Math.max(0, forwarded.length - trustProxy)]
  const address = (entry && parseAddress(entry)) ?? (peer === undefined ? undefined : parseAddress(peer))
  if (!address) return peer
  if (address.kind() === 'ipv4') return address.toString()
  return `${(address as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}
