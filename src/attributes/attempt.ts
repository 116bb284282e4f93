/** What it comes to, or nothing where that throws. */
export const attempt = <Answer>(run: () => Answer): Answer | undefined => {
  try {
    return run()
  } catch {
    return
  }
}
