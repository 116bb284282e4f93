type Segmenter = new () => { segment(text: string): Iterable<{ segment: string }> }

/**
 * Cuts a text that is too long, never inside a grapheme (a code point where there is no `Segmenter`: Firefox before
 * 125): one code point more than fits says whether a grapheme ends before it, and goes with the grapheme that it is in.
 */
export const truncate = (codePoints: string[], maxLength: number): string => {
  const start = codePoints.slice(0, maxLength + 1)
  const { Segmenter } = Intl as { Segmenter?: Segmenter }
  const graphemes = Segmenter
    ? Array.from(new Segmenter().segment(start.join('')), ({ segment }) => segment)
    : start
  return graphemes.slice(0, -1).join('')
}
