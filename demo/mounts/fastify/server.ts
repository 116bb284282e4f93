// The relay as one route of a Fastify app.
import fastify from 'fastify'
import { createRelay } from 'usercom-relay'
import { toNodeHandler } from 'usercom-relay/node'
import { relayOptions } from '../relayOptions'

const relay = createRelay(relayOptions(process.env))
const handler = toNodeHandler(relay)
const app = fastify()

// In a plugin of its own, so that only this route leaves the body to the relay, which counts the bytes as it reads them.
app.register(async (route) => {
  route.removeAllContentTypeParsers()
  route.addContentTypeParser('*', (_request, _body, done) => done(null))
  route.all('/identify', (request, reply) => {
    reply.hijack()
    return handler(request.raw, reply.raw)
  })
})
app.addHook('onClose', () => relay.close())

console.log(await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 8787) }))
