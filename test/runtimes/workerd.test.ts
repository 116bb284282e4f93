import { describeRelay } from './relay.suite'
import { runtimes } from './runtimes'

describeRelay('workerd', runtimes['workerd']!)
