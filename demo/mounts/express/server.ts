// The relay as one route of an Express app. It works behind body parsers too: what they have read is used.
import express from 'express'
import { createRelay } from 'usercom-relay'
import { toNodeHandler } from 'usercom-relay/node'
import { relayOptions } from '../relayOptions'

const relay = createRelay(relayOptions(process.env))
const app = express()
app.use(express.json())
app.all('/identify', toNodeHandler(relay))

const server = app.listen(Number(process.env.PORT ?? 8787), '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}`)
})
