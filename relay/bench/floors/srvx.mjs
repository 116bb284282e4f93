import { FastResponse, serve } from 'srvx/node'

// The relay's adapter alone: a `Request` is made, the body is read from the socket and thrown away.
const server = serve({
  hostname: '127.0.0.1',
  port: 0,
  manual: true,
  silent: true,
  gracefulShutdown: false,
  fetch: ({ runtime }) =>
    new Promise((resolve) => {
      runtime.node.req.resume().on('end', () => {
        resolve(new FastResponse(null, { status: 202, headers: { 'content-length': '0' } }))
      })
    }),
})
await server.serve()
console.log(`http://127.0.0.1:${server.node.server.address().port}`)
process.on('SIGTERM', () => process.exit(0))
