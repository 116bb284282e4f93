import type { CleanAttributes, Issue } from 'usercom-snippet/attributes'
import { parseAttributes } from 'usercom-snippet/attributes'
import { createAllowance } from './createAllowance.js'
import type { Client } from './createRelay.js'
import type { Job } from './job.js'
import { parseBody } from './parseBody.js'
import { readLimited } from './readLimited.js'
import type { RelaySettings } from './relayOptions.js'
import { toClientAddress } from './toClientAddress.js'
import { toContentKind } from './toContentKind.js'
import type { Refusal } from './toProblem.js'

const maxBodyBytes = 32 * 1024
const bodyTimeoutMs = 15_000

type Passed<T> = { refusal: Refusal } | T

const readBody = async (request: Request, client: Client): Promise<Passed<{ bytes: Uint8Array }>> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const slow = new Promise<'slow'>((resolve) => (timer = setTimeout(resolve, bodyTimeoutMs, 'slow')))
  try {
    const read = client.readBody ? client.readBody(maxBodyBytes) : readLimited(request.body, maxBodyBytes)
    const bytes = await Promise.race([read, slow])
    if (bytes === 'slow') return { refusal: { code: 'slow' } }
    return bytes ? { bytes } : { refusal: { code: 'too_large' } }
  } catch {
    // Cut off on the way; most likely no one is there to hear it.
    return { refusal: { code: 'json' } }
  } finally {
    clearTimeout(timer)
  }
}

/** Decides what of a page's call goes on to delivery. The caller has checked method and origin. */
export const createGate = ({ isAllowedAttribute, trustProxy, clientPerMinute }: RelaySettings) => {
  const clients = createAllowance({ points: clientPerMinute, seconds: 60 })

  const checkAttributes = (body: object): Passed<{ attributes: CleanAttributes }> => {
    const { attributes, issues } = parseAttributes(body)
    const notAllowed = Object.keys(attributes)
      .filter((field) => field === 'custom_id' || !isAllowedAttribute(field))
      .map((field): Issue => ({ field, code: 'not_allowed', message: 'must not be set from a page' }))
    const all = [...issues, ...notAllowed]
    return all.length ? { refusal: { code: 'attributes', issues: all } } : { attributes }
  }

  return async (request: Request, client: Client): Promise<Passed<{ job: Job }>> => {
    const { headers } = request
    if (!toContentKind(headers)) return { refusal: { code: 'content_type' } }
    const address = toClientAddress(client.address, headers.get('x-forwarded-for'), trustProxy)
    const retryAfterSeconds = address === undefined ? 0 : await clients.take(address)
    if (retryAfterSeconds) return { refusal: { code: 'client_limit', retryAfterSeconds } }
    if (headers.get('authorization') !== null) return { refusal: { code: 'token' } }
    const i = new URL(request.url).searchParams.get('i') ?? crypto.randomUUID()
    if (!/^[\w-]{1,64}$/.test(i)) return { refusal: { code: 'idempotency_key' } }

    const read = await readBody(request, client)
    if ('refusal' in read) return read
    const body = parseBody(read.bytes)
    if (!body) return { refusal: { code: 'json' } }
    const checked = checkAttributes(body)
    return 'refusal' in checked ? checked : { job: { i, attributes: checked.attributes, verified: false } }
  }
}

export type Gate = ReturnType<typeof createGate>
