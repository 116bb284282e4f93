import type { Options } from './types'

/**
 * The options on the script's own tag. `currentScript` is null in modules and in code that a tag manager injected:
 * then the first tag that looks like ours.
 */
export const readTag = (): Options => {
  const options: Record<string, unknown> = {}
  try {
    const tag = (document.currentScript ??
      document.querySelector('script[data-endpoint],script[src*=usercom]')) as HTMLScriptElement
    Object.assign(options, tag.dataset)
    options.debug = /^(?:true)?$/.test(`${options.debug}`)
    options.endpoint ??= new URL('identify', tag.src).href
  } catch {
    // No tag, or an inline one, which has no address to stand beside: the default endpoint it is. Or no document.
  }
  return options
}
