import { createClient } from './createClient'

export { createClient }
export type { Attributes, CleanAttributes, CustomValue, Issue, IssueCode } from './attributes'
export type { Client, IdentifyOptions, Options, Result } from './types'

// One client for the whole page, whichever of its modules calls. Making it does nothing: the first call does.
export const { init, identify, reset, consent, flush } = /*#__PURE__*/ createClient()
