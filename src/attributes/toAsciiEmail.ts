/**
 * The email with its international domain as the ASCII name that it stands for: browsers and Django check that name.
 * Throws where there is no such name.
 */
export const toAsciiEmail = (email: string): string =>
  // Only what may stand in a domain: an address that has more of a URL's syntax in it stays as it is, and is refused.
  // Plain ASCII stays too, since a URL would take `1.2` for a short way to write an IPv4 address.
  email.replace(
    /@[\w.-]*[^\0-\x7f][\w.\x80-\uffff-]*$/,
    (domain) => '@' + new URL('http://' + domain).hostname,
  )
