import type { IncomingMessage } from 'node:http'

const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via', 'cf-connecting-ip']

/** Someone on this machine, and not a proxy here that calls for someone else. */
export const isLocalCaller = ({ socket, headers }: IncomingMessage): boolean =>
  /^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '') &&
  proxyHeaders.every((name) => headers[name] === undefined)
