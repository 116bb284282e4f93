import { setImmediate } from 'node:timers'
import { createServer } from 'node:http'

/** A bare server that checks nothing: it hands over the bodies of an event-loop turn, and answers when they are stored. */
export const answerInTurns = (store) => {
  let turn = []
  let isStoring = false

  const storeAll = async () => {
    while (turn.length) {
      const calls = turn
      turn = []
      await store(calls)
      for (const { response } of calls) response.writeHead(202, { 'content-length': '0' }).end()
    }
    isStoring = false
  }

  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text) => (body += text))
    request.on('end', () => {
      turn.push({ i: request.url.slice(request.url.indexOf('=') + 1), body, response })
      if (!isStoring) setImmediate(storeAll)
      isStoring = true
    })
  })
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
  process.on('SIGTERM', () => process.exit(0))
}
