import type { CleanAttributes } from 'usercom-snippet/attributes'
import type { Secret } from './createSecret.js'
import type { Outcome, SearchOutcome } from './outcome.js'
import { readLimited } from './readLimited.js'
import type { Answer } from './toOutcome.js'
import { toCommonOutcome, tooLong, toOutcome, toUserId } from './toOutcome.js'

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
}

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
}: UsercomClientOptions): UsercomClient => {
  const call = async <T>(
    method: string,
    path: string,
    attributes: CleanAttributes | undefined,
    { signal }: CallOptions,
    toResult: (answer: Answer) => T,
  ): Promise<T | Extract<Outcome, { kind: 'later' }>> => {
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

  return {
    createUser: (attributes, options = {}) =>
      call('POST', 'users/', attributes, options, (answer) => toOutcome(answer, true)),
    updateOrCreate: (attributes, options = {}) =>
      call('POST', 'users/update_or_create/', attributes, options, (answer) => toOutcome(answer, true)),
    searchByEmail: (email, options = {}) =>
      call(
        'GET',
        `users/search/?${new URLSearchParams({ email })}`,
        undefined,
        options,
        (answer): SearchOutcome => {
          const common = toCommonOutcome(answer)
          if (common) return common
          const { status, body } = answer
          // What it answers when there is no one is not documented; these are the plausible ways.
          if (status === 404 || status === 405) return { kind: 'none' }
          if (status >= 300) return { kind: 'never', status, issues: [] }
          if (body === tooLong) return { kind: 'later', reason: 'rubbish', status }
          const first: unknown = Array.isArray(body) ? body[0] : body
          const id = toUserId(first)
          if (id !== undefined) return { kind: 'found', id }
          const isNoOne =
            first == null || Object.keys(first as object).length === 0 || hasEmptyList(first as object)
          return isNoOne ? { kind: 'none' } : { kind: 'later', reason: 'rubbish', status }
        },
      ),
    updateUser: (id, attributes, options = {}) =>
      call('PUT', `users/${encodeURIComponent(id)}/`, attributes, options, (answer) =>
        toOutcome(answer, false),
      ),
  }
}

const hasEmptyList = (body: object) =>
  ['users', 'results'].some((name) => {
    const list: unknown = (body as Record<string, unknown>)[name]
    return Array.isArray(list) && list.length === 0
  })
