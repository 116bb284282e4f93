/** `text/plain` is what a page of another origin sends without a preflight; nothing else carries attributes. */
export type ContentKind = 'json' | 'text'

const kinds: Readonly<Record<string, ContentKind>> = { 'application/json': 'json', 'text/plain': 'text' }

/** What kind of body the headers announce; `undefined`: one that is not taken. */
export const toContentKind = (headers: Pick<Headers, 'get'>): ContentKind | undefined => {
  // Nothing is unpacked: a few bytes can grow to gigabytes.
  const encoding = headers.get('content-encoding')
  if (encoding !== null && encoding.trim().toLowerCase() !== 'identity') return undefined
  const [type = '', ...parameters] = (headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const isUtf8 = parameters.every((parameter) => ['', 'charset=utf-8', 'charset="utf-8"'].includes(parameter))
  return isUtf8 && Object.hasOwn(kinds, type) ? kinds[type] : undefined
}
