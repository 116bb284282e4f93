/** Where to post a call: the endpoint, which may have a query of its own, with the call's idempotency key. */
export const toAddress = (endpoint: string, key: string): string =>
  endpoint + (endpoint.includes('?') ? '&i=' : '?i=') + key
