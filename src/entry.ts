/** Every key in storage that is ours begins with it. */
export const PREFIX = 'usercom '

/** One call that waits for the relay's answer, as it lies in storage. */
export type Entry = {
  /** Where it lies in storage: the idempotency key, which is the same on every try of the same call, after `PREFIX`. */
  key: string
  /** Where to post, absolute. */
  url: string
  /** The request's body: the attributes as JSON. */
  body: string
  /** When it was called, in ms since 1970. No two calls of one page have the same. */
  at: number
  /** Not to be tried before, in ms since 1970: the relay said so. */
  next: number
  token?: string | undefined
  /** Send even what is unchanged. */
  force?: boolean | undefined
}
