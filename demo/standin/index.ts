export { startStandIn } from './startStandIn'
export { behaviours } from './behaviours'
export type { Behaviour, Connection, SeenRequest, StandIn, StandInOptions } from './startStandIn'
export type { User } from './createUsers'
