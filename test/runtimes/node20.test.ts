import { describeRelay } from './relay.suite'
import { runtimes } from './runtimes'

describeRelay('Node 20', runtimes['Node 20']!)
