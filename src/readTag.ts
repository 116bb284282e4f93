import type { Options } from './types'

export const TAG_SELECTOR = 'script[data-endpoint],script[src*=usercom]'

export const findTag = () => document.querySelector<HTMLScriptElement>(TAG_SELECTOR)

/** The options on the script's own tag. An inline tag has no address to stand beside. */
export const readTag = (tag: HTMLScriptElement | null): Options => ({
  endpoint: tag?.src?.replace(/\/[^/?]*(?:\?.*)?$/, '/identify') || '/identify',
  ...tag?.dataset,
})
