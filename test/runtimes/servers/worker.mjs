import { createSite } from './createSite.mjs'

let site

export default {
  // Nothing may be started outside of a request.
  fetch(request, { API_URL, SILENT_URL }) {
    site ??= createSite(API_URL, SILENT_URL)
    return site(request, request.headers.get('cf-connecting-ip') ?? undefined)
  },
}
