import { domainToASCII } from 'node:url'

// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address, as the standard has it.
const valid =
  // eslint-disable-next-line regexp/strict, regexp/prefer-d, regexp/use-ignore-case, regexp/prefer-w -- a verbatim copy
  /^[a-zA-Z0-9.!#$%&'*+\/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

/** Whether a browser's `<input type=email>` takes it: an international domain is checked as the ASCII name it stands for. */
export const isHtmlEmail = (email: string): boolean => {
  const at = email.lastIndexOf('@')
  const domain = email.slice(at + 1)
  // eslint-disable-next-line no-control-regex -- all of ASCII
  const ascii = /^[\0-\x7f]*$/.test(domain) ? domain : domainToASCII(domain)
  return valid.test(email.slice(0, at + 1) + ascii)
}
