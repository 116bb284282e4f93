import type { CleanAttributes } from 'usercom-snippet/attributes'
import type { Identity } from './parseIdentity.js'

/**
 * A site's own say in who may identify, asked when all else is checked: by its session cookie, or by a captcha whose answer
 * came as an attribute.
 * - `false`: refused with 403.
 * - `true`: taken, as it is without the hook.
 * - an identity: this is who it is about, as a token would say.
 *
 * The body of `request` is read already. `attributes` is a copy that may be changed: what came only for the hook is deleted
 * there. A hook that throws, or takes over 10 seconds, is a 503: the page keeps the person.
 */
export type Authorize = (
  request: Request,
  attributes: CleanAttributes,
) => boolean | Identity | Promise<boolean | Identity>

const timeoutMs = 10_000

/** Asks the hook, and waits for it no longer than a browser should. */
export const authorizeInTime = async (
  authorize: Authorize,
  request: Request,
  attributes: CleanAttributes,
): Promise<boolean | Identity> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The authorize hook took too long')), timeoutMs)
  })
  try {
    return await Promise.race([authorize(request, attributes), late])
  } finally {
    clearTimeout(timer)
  }
}
