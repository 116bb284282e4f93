import { parseAttributes } from 'usercom-snippet/attributes'

/** Who someone is, said by the site itself and not by the page. */
export interface Identity {
  /** The site's own identifier of the person. */
  custom_id: string
  email?: string
}

/** An identity as User.com takes it; `undefined` where it is none. */
export const parseIdentity = ({
  custom_id,
  email,
}: {
  custom_id?: unknown
  email?: unknown
}): Identity | undefined => {
  const { attributes, issues } = parseAttributes({ custom_id, email })
  if (issues.length || typeof attributes.custom_id !== 'string') return undefined
  return {
    custom_id: attributes.custom_id,
    ...(typeof attributes.email === 'string' && { email: attributes.email }),
  }
}
