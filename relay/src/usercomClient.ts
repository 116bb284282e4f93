import type { CleanAttributes } from 'usercom-snippet/attributes'
import type { Secret } from './createSecret.js'
import type { Outcome, SearchOutcome } from './outcome.js'
import { readLimited } from './readLimited.js'
import type { Answer } from './toOutcome.js'
import type { Report, UpstreamCall } from './report.js'
import { tooLong, toOutcome, toSearchOutcome } from './toOutcome.js'

/** Every call to User.com there is. None rejects: what can go wrong is an outcome. */
export interface UsercomClient {
  /** `POST /users/` */
  createUser(attributes: CleanAttributes, call?: CallOptions): Promise<Outcome>
  /** `POST /users/update_or_create/`: needs `custom_id` among the attributes. */
  updateOrCreate(attributes: CleanAttributes, call?: CallOptions): Promise<Outcome>
  /** `GET /users/search/?email=` */
  searchByEmail(email: string, call?: CallOptions): Promise<SearchOutcome>
  /** `PUT /users/<id>/`: attributes not named stay, tags are only added. `never` with status 404: no such user. */
  updateUser(id: string, attributes: CleanAttributes, call?: CallOptions): Promise<Outcome>
}

export interface CallOptions {
  /** Ends the call early; it is `later` then. The time limit holds beside it. */
  signal?: AbortSignal
}

export interface UsercomClientOptions {
  /** The base, with a slash at its end. Checked by `parseOptions`: the key goes nowhere else. */
  apiUrl: URL
  apiKey: Secret
  /** How long a call may take, answer included. @default 10_000 */
  timeoutMs?: number
  /** @default globalThis.fetch */
  fetch?: typeof fetch
  /** Hears how each call went. Must not throw. */
  report?: Report
}

type Later = Extract<Outcome, { kind: 'later' }>

/** No answer that matters is longer. What is over it is not read. */
const maxAnswerBytes = 64 * 1024

const parseJson = (bytes: Uint8Array | undefined, contentType: string | null): unknown => {
  if (!bytes) return contentType?.includes('json') ? tooLong : undefined
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown
  } catch {
    return undefined
  }
}

export const createUsercomClient = ({
  apiUrl,
  apiKey,
  timeoutMs = 10_000,
  fetch = (input, init) => globalThis.fetch(input, init),
  report = () => {},
}: UsercomClientOptions): UsercomClient => {
  const request = async <T>(
    method: string,
    path: string,
    attributes: CleanAttributes | undefined,
    { signal }: CallOptions,
    toResult: (answer: Answer) => T,
  ): Promise<T | Later> => {
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(new URL(path, apiUrl), {
        method,
        headers: {
          authorization: `Token ${apiKey.reveal()}`,
          accept: '*/*; version=2',
          'content-type': 'application/json',
        },
        ...(attributes && { body: JSON.stringify(attributes) }),
        // A redirect followed would carry the key with it. Not `error`: some runtimes refuse that at construction.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      })
      const bytes = await readLimited(response.body, maxAnswerBytes)
      return toResult({
        status: response.type === 'opaqueredirect' ? 0 : response.status,
        retryAfter: response.headers.get('retry-after'),
        body: parseJson(bytes, response.headers.get('content-type')),
      })
    } catch {
      // What was thrown may quote the request; nothing of it is kept.
      return { kind: 'later', reason: timeout.aborted ? 'timeout' : 'network' }
    }
  }

  const call = async <T extends Outcome | SearchOutcome>(
    name: UpstreamCall,
    ...rest: Parameters<typeof request<T>>
  ): Promise<T | Later> => {
    const startedAt = performance.now()
    const outcome = await request(...rest)
    // Named one by one: an outcome may hold User.com's id of a person.
    report({
      event: 'upstream',
      call: name,
      outcome: outcome.kind,
      ...('reason' in outcome && { reason: outcome.reason }),
      ...('status' in outcome && outcome.status !== undefined && { status: outcome.status }),
      ...('issues' in outcome && { issues: outcome.issues }),
      durationMs: performance.now() - startedAt,
    })
    return outcome
  }

  return {
    createUser: (attributes, options = {}) =>
      call('create', 'POST', 'users/', attributes, options, (answer) => toOutcome(answer, true)),
    updateOrCreate: (attributes, options = {}) =>
      call('update_or_create', 'POST', 'users/update_or_create/', attributes, options, (answer) =>
        toOutcome(answer, true),
      ),
    searchByEmail: (email, options = {}) =>
      call(
        'search',
        'GET',
        `users/search/?${new URLSearchParams({ email })}`,
        undefined,
        options,
        toSearchOutcome,
      ),
    updateUser: (id, attributes, options = {}) =>
      call('update', 'PUT', `users/${encodeURIComponent(id)}/`, attributes, options, (answer) =>
        toOutcome(answer, false),
      ),
  }
}
