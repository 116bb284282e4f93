import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface UpstreamCall {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/** What User.com answers; `hang` answers nothing at all. */
export type UpstreamAnswer =
  { status: number; headers?: Record<string, string>; body?: unknown } | 'hang' | 'reset'

/** What no answer, header or log line of the relay may ever hold. */
export const secretUser = {
  id: 4_711_471_147,
  key: 'visitor-key-of-user-com',
  name: 'Someone Private',
  last_ip: '203.0.113.77',
  gravatar_url: 'https://gravatar.example/private',
}

/** As documented: no one is found, everyone is created. */
export const answerAsNew = ({ path }: UpstreamCall): UpstreamAnswer =>
  path.includes('/search/')
    ? { status: 404, body: { detail: 'Not found.' } }
    : { status: 201, body: secretUser }

/** A User.com that answers whatever a test wants, and keeps what it was asked. */
export const startUpstream = async (answer: (call: UpstreamCall) => UpstreamAnswer = answerAsNew) => {
  const calls: UpstreamCall[] = []
  const state = { answer }
  const hanging: ((answer: Exclude<UpstreamAnswer, string>) => void)[] = []
  const respond = (call: UpstreamCall, request: IncomingMessage, response: ServerResponse) => {
    calls.push(call)
    const answered = state.answer(call)
    if (answered === 'hang') return hanging.push((late) => send(late, response))
    if (answered === 'reset') return request.socket.destroy()
    send(answered, response)
  }
  const send = (answered: Exclude<UpstreamAnswer, string>, response: ServerResponse) => {
    const { status, headers = {}, body = '' } = answered
    const isText = typeof body === 'string'
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers })
    response.end(isText ? body : JSON.stringify(body))
  }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () =>
      respond(
        { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body },
        request,
        response,
      ),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/api/public/`,
    calls,
    /** The bodies of what was created or changed. */
    written: () => calls.filter(({ body }) => body).map(({ body }) => JSON.parse(body) as unknown),
    answerWith: (next: (call: UpstreamCall) => UpstreamAnswer) => void (state.answer = next),
    /** Answers those that hang. */
    answerHanging: (late: Exclude<UpstreamAnswer, string>) => {
      for (const end of hanging.splice(0)) end(late)
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
