type Segmenter = new () => { segment(text: string): { containing(at: number): { index: number } } }

/** Cuts a text that is too long, never inside a grapheme (a code point where there is no `Segmenter`: Firefox before 125). */
export const truncate = (text: string, codePoints: string[], maxLength: number): string => {
  const { Segmenter } = Intl as { Segmenter?: Segmenter }
  const cut = codePoints.slice(0, maxLength).join('')
  return cut.slice(0, Segmenter && new Segmenter().segment(text).containing(cut.length).index)
}
