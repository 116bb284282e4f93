import { describeRelay } from './relay.suite'
import { runtimes } from './runtimes'

describeRelay('Node 24', runtimes['Node 24']!)
