import { createSite } from './createSite.mjs'

let site

export default {
  // Nothing may be started outside of a request.
  fetch(request, { API_URL, SILENT_URL }, context) {
    site ??= createSite(API_URL, SILENT_URL)
    return site(request, {
      address: request.headers.get('cf-connecting-ip') ?? undefined,
      waitUntil: (delivery) => context.waitUntil(delivery),
    })
  },
}
