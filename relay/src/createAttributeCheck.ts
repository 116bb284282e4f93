import type { CleanAttributes, Issue } from 'usercom-snippet/attributes'
import { parseAttributes } from 'usercom-snippet/attributes'
import type { Identity } from './parseIdentity.js'

const refuse = (field: string, message: string): Issue => ({ field, code: 'not_allowed', message })

/** What attributes claim about who someone is, and is not so. */
const checkClaims = ({ custom_id, email }: CleanAttributes, identity: Identity): Issue[] => {
  const isOtherPerson = custom_id !== undefined && custom_id !== identity.custom_id
  const isOtherEmail =
    identity.email !== undefined &&
    typeof email === 'string' &&
    email.toLowerCase() !== identity.email.toLowerCase()
  return [
    ...(isOtherPerson ? [refuse('custom_id', 'must be the one that is verified')] : []),
    ...(isOtherEmail ? [refuse('email', 'must be the one that is verified')] : []),
  ]
}

/**
 * Trims and checks a body as the page does, and beyond it what a page may set. With an identity, that is who it is about, and
 * a body that says otherwise is refused; without one, no `custom_id` is taken: with it anyone could write over anyone.
 */
export const createAttributeCheck =
  (isAllowed: (name: string) => boolean) =>
  (body: object, identity: Identity | undefined): { attributes: CleanAttributes; issues: Issue[] } => {
    const { attributes, issues } = parseAttributes(body)
    const isTaken = (field: string) =>
      field === 'custom_id'
        ? identity !== undefined
        : isAllowed(field) || (identity?.email && field === 'email')
    return {
      attributes: { ...attributes, ...identity },
      issues: [
        // With an identity there is something to send in any case.
        ...issues.filter(({ code }) => !(identity && code === 'empty')),
        ...Object.keys(attributes)
          .filter((field) => !isTaken(field))
          .map((field) => refuse(field, 'must not be set from a page')),
        ...(identity ? checkClaims(attributes, identity) : []),
      ],
    }
  }
