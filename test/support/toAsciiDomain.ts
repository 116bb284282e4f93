import { domainToASCII } from 'node:url'

/** The ASCII name of an international domain. Node reads a URL's host, with its `%41` and its ends: that is left as it is. */
export const toAsciiDomain = (domain: string): string =>
  /^[\w.-]*[^\0-\x7f][\w.\x80-\uffff-]*$/.test(domain) ? domainToASCII(domain) : domain
