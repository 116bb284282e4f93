import { describeRelay } from './relay.suite'
import { runtimes } from './runtimes'

describeRelay('Bun', runtimes['Bun']!)
