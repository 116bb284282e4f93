import type { CleanAttributes } from 'usercom-snippet/attributes'
import { authorizeInTime } from './authorize.js'
import { createAttributeCheck } from './createAttributeCheck.js'
import type { Client } from './createRelay.js'
import { createTokenCheck } from './createTokenCheck.js'
import type { Job } from './job.js'
import { parseBody } from './parseBody.js'
import type { Identity } from './parseIdentity.js'
import { parseIdentity } from './parseIdentity.js'
import { readRequestBody } from './readRequestBody.js'
import type { RelaySettings } from './relayOptions.js'
import { toClientAddress } from './toClientAddress.js'
import { toContentKind } from './toContentKind.js'
import type { Refusal } from './toProblem.js'

/** The call's own `i`, or one for a caller that sends none; `undefined`: one that is not taken. */
const parseIdempotencyKey = (url: string): string | undefined => {
  // Nearly always it is all there is; a parsed URL costs more than the rest of the headers together.
  const only = /^[^?#]*\?i=([\w-]{1,64})$/.exec(url)?.[1]
  if (only !== undefined) return only
  const i = new URL(url).searchParams.get('i')
  if (i === null) return crypto.randomUUID()
  return /^[\w-]{1,64}$/.test(i) ? i : undefined
}

type Passed<T> = { refusal: Refusal } | T

/**
 * Decides what of a page's call goes on to delivery: cheap checks first, and nothing about the person is looked up, so that no
 * refusal can tell who is known. The caller has checked method and origin.
 */
export const createGate = (settings: RelaySettings) => {
  const { authorize, clientPerMinute, createAllowance, trustProxy, unverifiedPerHour, verification } =
    settings
  const clients = createAllowance('client', { points: clientPerMinute, seconds: 60 })
  const unverified = createAllowance('unverified', { points: unverifiedPerHour, seconds: 3_600 })
  const checkToken = createTokenCheck(verification === 'off' ? [] : settings.tokenSecrets)
  const checkAttributes = createAttributeCheck(settings.isAllowedAttribute)

  const checkHeaders = async ({ headers }: Request, client: Client): Promise<Refusal | undefined> => {
    const kind = toContentKind(headers)
    if (!kind) return { code: 'content_type' }
    // A form can post text/plain from anywhere without asking; only `Origin` then says from where.
    if (kind === 'text' && headers.get('origin') === null) return { code: 'origin' }
    const address = toClientAddress(client.address, headers.get('x-forwarded-for'), trustProxy)
    const retryAfterSeconds = address === undefined ? 0 : await clients.take(address)
    return retryAfterSeconds ? { code: 'client_limit', retryAfterSeconds } : undefined
  }

  const verify = async ({ headers }: Request): Promise<Passed<{ identity: Identity | undefined }>> => {
    const authorization = headers.get('authorization')
    if (authorization === null)
      return verification === 'enforce' && !authorize
        ? { refusal: { code: 'token' } }
        : { identity: undefined }
    const identity = await checkToken(authorization)
    return identity ? { identity } : { refusal: { code: 'token' } }
  }

  const readAttributes = async (
    request: Request,
    client: Client,
    identity: Identity | undefined,
  ): Promise<Passed<{ attributes: CleanAttributes }>> => {
    const read = await readRequestBody(request, client)
    if ('refusal' in read) return read
    const body = parseBody(read.bytes)
    if (!body) return { refusal: { code: 'json' } }
    const { attributes, issues } = checkAttributes(body, identity)
    return issues.length ? { refusal: { code: 'attributes', issues } } : { attributes }
  }

  const askHook = async (
    request: Request,
    attributes: CleanAttributes,
    identity: Identity | undefined,
  ): Promise<Passed<{ attributes: CleanAttributes; identity: Identity | undefined }>> => {
    if (!authorize) return { attributes, identity }
    const copy = { ...attributes }
    const authorized = await authorizeInTime(authorize, request, copy)
    if (!authorized) return { refusal: { code: 'authorize' } }
    const known = authorized === true ? identity : parseIdentity(authorized)
    if (authorized !== true && !known) throw new TypeError('authorize returned no identity')
    const checked = checkAttributes(copy, known)
    return checked.issues.length
      ? { refusal: { code: 'attributes', issues: checked.issues } }
      : { attributes: checked.attributes, identity: known }
  }

  return async (request: Request, client: Client): Promise<Passed<{ job: Job }>> => {
    const refusal = await checkHeaders(request, client)
    if (refusal) return { refusal }
    const verified = await verify(request)
    if ('refusal' in verified) return verified
    const i = parseIdempotencyKey(request.url)
    if (i === undefined) return { refusal: { code: 'idempotency_key' } }
    const read = await readAttributes(request, client, verified.identity)
    if ('refusal' in read) return read
    const asked = await askHook(request, read.attributes, verified.identity)
    if ('refusal' in asked) return asked
    const { attributes, identity } = asked
    if (identity) return { job: { i, attributes, verified: true } }
    if (verification === 'enforce') return { refusal: { code: 'token' } }
    const retryAfterSeconds = await unverified.take('all')
    return retryAfterSeconds
      ? { refusal: { code: 'unavailable', retryAfterSeconds } }
      : { job: { i, attributes, verified: false } }
  }
}

export type Gate = ReturnType<typeof createGate>
