import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import Negotiator from 'negotiator'

type Encoding = 'br' | 'gzip' | 'identity'

interface ScriptFile {
  contentType: string
  etag: string
  bodies: Record<Encoding, Uint8Array<ArrayBuffer>>
}

/** The smallest first. */
const encodings: Encoding[] = ['br', 'gzip', 'identity']
const yearSeconds = 31_536_000
/** Without a version in the address, a new release is on the pages after this long at most. */
const freshSeconds = 300

const toFile = (file: string, contentType: string): ScriptFile => {
  const content = readFileSync(file)
  return {
    contentType,
    etag: createHash('sha256').update(content).digest('base64url').slice(0, 22),
    bodies: {
      br: new Uint8Array(brotliCompressSync(content)),
      gzip: new Uint8Array(gzipSync(content, { level: 9 })),
      identity: new Uint8Array(content),
    },
  }
}

/** The snippet that pages load from the relay, by file name; read and compressed once. */
export const createScriptFiles = () => {
  const require = createRequire(import.meta.url)
  const bundle = require.resolve('usercom-snippet/dist/usercom.umd.js')
  const { version } = require('usercom-snippet/package.json') as { version: string }
  const files: Readonly<Record<string, ScriptFile>> = {
    'usercom.js': toFile(bundle, 'text/javascript; charset=utf-8'),
    // The name that the bundle's last line points to.
    'usercom.umd.js.map': toFile(`${bundle}.map`, 'application/json'),
  }

  /** Answers `GET` and `HEAD` of a file; `undefined` where there is no such file. */
  return (name: string, request: Request): Response | undefined => {
    const file = Object.hasOwn(files, name) ? files[name] : undefined
    if (!file) return undefined
    const accepted = new Negotiator({
      headers: { 'accept-encoding': request.headers.get('accept-encoding') ?? undefined },
    }).encodings(encodings)
    const encoding = encodings.find((name) => accepted.includes(name)) ?? 'identity'
    // Each encoding is a representation of its own, and so has its own tag.
    const etag = `"${file.etag}-${encoding}"`
    const isVersioned = new URL(request.url).searchParams.get('v') === version
    const headers = {
      'cache-control': isVersioned
        ? `public, max-age=${yearSeconds}, immutable`
        : `public, max-age=${freshSeconds}`,
      etag,
      vary: 'Accept-Encoding',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    }
    const known = (request.headers.get('if-none-match') ?? '')
      .split(',')
      .map((tag) => tag.trim().replace(/^W\//, ''))
    if (known.includes(etag) || known.includes('*')) return new Response(null, { status: 304, headers })
    const body = file.bodies[encoding]
    return new Response(request.method === 'HEAD' ? null : body, {
      headers: {
        ...headers,
        'content-type': file.contentType,
        'content-length': String(body.byteLength),
        ...(encoding !== 'identity' && { 'content-encoding': encoding }),
      },
    })
  }
}
