type Segmenter = new () => { segment(text: string): Iterable<{ segment: string }> }

/**
 * Cuts a text that is too long, never inside a grapheme (a code point where there is no `Segmenter`: Firefox before
 * 125). One code point more than fits is looked at: the grapheme that it is in goes, whole.
 */
export const truncate = (codePoints: string[], maxLength: number): string => {
  const { Segmenter } = Intl as { Segmenter?: Segmenter }
  if (!Segmenter) return codePoints.slice(0, maxLength).join('')
  let cut = ''
  let last = ''
  // One by one: WebKit's `containing` answers with the segment before where it is asked for the start of one.
  for (const { segment } of new Segmenter().segment(codePoints.slice(0, maxLength + 1).join(''))) {
    cut += last
    last = segment
  }
  return cut
}
