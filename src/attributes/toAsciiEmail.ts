import { attempt } from './attempt'

/**
 * The email with its international domain as the ASCII name that it stands for: browsers and Django check that name.
 * Where there is no such name it stays as it is, and fails that check.
 */
export const toAsciiEmail = (email: string): string =>
  attempt(() =>
    // Only what may stand in a domain: with more of a URL's syntax in it, `new URL` would read another host out of it.
    // Plain ASCII stays too, since a URL would take `1.2` for a short way to write an IPv4 address.
    email.replace(
      /@[\w.-]*[\x80-\uffff][\w.\x80-\uffff-]*$/,
      (domain) => '@' + new URL('http://' + domain).hostname,
    ),
  ) ?? email
