import { describeRelay } from './relay.suite'
import { runtimes } from './runtimes'

describeRelay('Deno', runtimes['Deno']!)
