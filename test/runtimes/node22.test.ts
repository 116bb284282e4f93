import { describeRelay } from './relay.suite'
import { runtimes } from './runtimes'

describeRelay('Node 22', runtimes['Node 22']!)
