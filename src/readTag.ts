import type { Options } from './types'

export const TAG_SELECTOR = 'script[data-endpoint],script[src*=usercom]'

/**
 * The options on the script's own tag. `currentScript` is null in modules and in code that a tag manager injected:
 * then the first tag that looks like ours. An inline tag has no address to stand beside.
 */
export const readTag = (): Options => {
  const { dataset, src } = (document.currentScript ??
    document.querySelector(TAG_SELECTOR) ??
    {}) as Partial<HTMLScriptElement>
  return { endpoint: src?.replace(/\/[^/?]*(?:\?.*)?$/, '/identify') || '/identify', ...dataset }
}
