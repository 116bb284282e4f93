type Segmenter = new () => { segment(text: string): Iterable<{ segment: string }> }

/** Cuts a text to at most `maxLength` code points, never inside a grapheme (code point where there is no `Segmenter`: Firefox before 125). */
export function truncate(text: string, maxLength: number): string {
  const { Segmenter } = Intl as { Segmenter?: Segmenter }
  let cut = ''
  for (const part of Segmenter ? new Segmenter().segment(text) : text) {
    const next = cut + (typeof part === 'string' ? part : part.segment)
    if ([...next].length > maxLength) break
    cut = next
  }
  return cut
}
