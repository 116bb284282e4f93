import type { Options } from './types'

export const TAG_SELECTOR = 'script[data-endpoint],script[src*=usercom]'

/**
 * The options on the script's own tag. `currentScript` is null in modules and in code that a tag manager injected:
 * then the first tag that looks like ours.
 */
export const readTag = (): Options => {
  const options: Record<string, unknown> = {}
  try {
    const tag = (document.currentScript ?? document.querySelector(TAG_SELECTOR)) as HTMLScriptElement
    Object.assign(options, tag.dataset)
    options.debug = 'debug' in options
    options.endpoint ??= new URL('identify', tag.src).href
  } catch {
    // No tag, or an inline one, which has no address to stand beside: the default endpoint it is. Or no document.
  }
  return options
}
