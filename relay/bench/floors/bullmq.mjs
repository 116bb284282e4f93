import { Queue } from 'bullmq'
import { answerInTurns } from './answerInTurns.mjs'

// BullMQ's fastest way in, one call for each turn.
const { hostname: host, port } = new URL(process.env.FLOOR_REDIS)
const queue = new Queue('floor', {
  connection: { host, port: Number(port) },
  streams: { events: { maxLen: 0 } },
})
await queue.waitUntilReady()
answerInTurns((calls) =>
  queue.addBulk(calls.map(({ i, body }) => ({ name: '-', data: JSON.parse(body), opts: { jobId: i } }))),
)
