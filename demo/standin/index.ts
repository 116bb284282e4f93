export { startStandIn } from './startStandIn'
export type { Behaviour, SeenRequest, StandIn, StandInOptions } from './startStandIn'
export type { User } from './createUsers'
