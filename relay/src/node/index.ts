export type { RelayServer, ServeOptions } from './serve.js'
export { serve } from './serve.js'
export type { NodeHandler } from './toNodeHandler.js'
export { toNodeHandler } from './toNodeHandler.js'
