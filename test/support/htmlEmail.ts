import { toAsciiDomain } from './toAsciiDomain'

// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address, as the standard has it.
const valid =
  // eslint-disable-next-line regexp/use-ignore-case, regexp/prefer-w -- as the standard writes it
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

/** Whether a browser's `<input type=email>` takes it: an international domain is checked as the ASCII name it stands for. */
export const isHtmlEmail = (email: string): boolean => {
  const at = email.lastIndexOf('@')
  return valid.test(email.slice(0, at + 1) + toAsciiDomain(email.slice(at + 1)))
}
