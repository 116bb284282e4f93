import { parseArgs } from 'node:util'
import { startStandIn } from './startStandIn'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'per-second': { type: 'string', default: '10' },
    'latency-ms': { type: 'string', default: '0' },
  },
})

const standIn = await startStandIn({
  port: Number(values.port),
  requestsPerSecond: Number(values['per-second']),
  latencyMs: Number(values['latency-ms']),
})
console.log(standIn.url)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void standIn.close())
