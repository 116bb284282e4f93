import { toAsciiDomain } from './toAsciiDomain'

// `EmailValidator` of django/core/validators.py (BSD-3-Clause), with Python's `\Z` as `$` and its `(?<!-)` as it is.
const user =
  // eslint-disable-next-line regexp/prefer-w, regexp/no-obscure-range, no-control-regex -- as Django writes it
  /^[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*$|^"(?:[\x01-\x08\v\f\x0e-\x1f!#-[\]-\x7f]|\\[\x01-\t\v\f\x0e-\x7f])*"$/i
const domain = /^(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+[A-Z0-9-]{2,63}(?<!-)$/i
const literal = /^\[([A-F0-9:.]+)\]$/i

const isIp = (text: string) => {
  try {
    return !!new URL(text.includes(':') ? `http://[${text}]` : `http://${text}`)
  } catch {
    return false
  }
}

const isDomain = (text: string) => {
  const address = literal.exec(text)?.[1]
  return domain.test(text) || (address !== undefined && isIp(address))
}

/** Whether Django's `EmailValidator` takes it. */
export const isDjangoEmail = (email: string): boolean => {
  const at = email.lastIndexOf('@')
  if (at < 0 || email.length > 320 || !user.test(email.slice(0, at))) return false
  const host = email.slice(at + 1)
  return host === 'localhost' || isDomain(host) || isDomain(toAsciiDomain(host))
}
