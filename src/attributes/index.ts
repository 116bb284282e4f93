export type * from './types'
export { parseAttributes } from './parseAttributes'
