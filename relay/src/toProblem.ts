import type { Issue } from 'usercom-snippet/attributes'

/** What a refusal says, by its code. Nothing else of what went wrong is told. */
const refusals = {
  attributes: [400, 'Some attributes cannot be taken'],
  json: [400, 'The body is not a JSON object'],
  idempotency_key: [400, 'The idempotency key i must be 1 to 64 letters, digits, dashes or underscores'],
  token: [401, 'The token is not valid'],
  origin: [403, 'This origin may not post here'],
  authorize: [403, 'This visitor may not post here'],
  not_found: [404, 'There is nothing here'],
  method: [405, 'Only POST is taken here'],
  slow: [408, 'The body did not arrive in time'],
  too_large: [413, 'The body is over 32 KiB'],
  content_type: [415, 'Only application/json and text/plain in UTF-8, uncompressed, are taken'],
  refused: [422, 'Some attributes cannot be taken'],
  client_limit: [429, 'Too many calls from this address'],
  failed: [500, 'The relay failed'],
  unavailable: [503, 'Not now'],
} as const satisfies Record<string, readonly [number, string]>

export type RefusalCode = keyof typeof refusals

/** Why a call is not taken. */
export interface Refusal {
  code: RefusalCode
  issues?: Issue[]
  /** Said in `Retry-After` and, for pages that may not read headers, in the body. */
  retryAfterSeconds?: number
}

/** The answer to a refusal: `application/problem+json` (RFC 9457). */
export const toProblem = (
  { code, issues, retryAfterSeconds }: Refusal,
  headers: Record<string, string> = {},
): Response => {
  const [status, title] = refusals[code]
  const body = JSON.stringify({
    title,
    status,
    code,
    ...(issues && { issues }),
    ...(retryAfterSeconds !== undefined && { retry_after: retryAfterSeconds }),
  })
  return new Response(body, {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'x-content-type-options': 'nosniff',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      ...headers,
    },
  })
}
