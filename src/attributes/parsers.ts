import { toAsciiEmail } from './toAsciiEmail'

// What browsers' `type=email` (https://html.spec.whatwg.org/#valid-e-mail-address) and Django's `EmailValidator` both
// take, `localhost` with it. Left out is what only one of them takes: quoted local parts, dots in a row, `a@b`.
const email =
  /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:localhost|(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d][a-z\d-]{0,61}[a-z\d])$/i

// E.164 says at most 15 digits; no country has numbers of fewer than 7 with its code.
const phone = /^\+[1-9]\d{6,14}$/

/** By issue code: the text to send, or `false` where it is to be refused with that code. */
export const parsers = {
  email: (text: string) => email.test(toAsciiEmail(text)) && text,
  phone(text: string) {
    const number = text.replace(/[\s.()[\]\u2010-\u2015-]/g, '')
    return phone.test(number) && number
  },
}
