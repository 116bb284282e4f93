/** Holds a secret that shows itself only when asked: not in a log, an error, JSON or `console.log`. */
export interface Secret {
  reveal(): string
}

/** Node's and Deno's inspection; a registered symbol, so no Node module is needed. */
const inspections = [Symbol.for('nodejs.util.inspect.custom'), Symbol.for('Deno.customInspect')]

export const createSecret = (value: string): Secret => {
  const hidden = () => '[secret]'
  const secret = { reveal: () => value, toString: hidden, toJSON: hidden, [Symbol.toPrimitive]: hidden }
  for (const inspection of inspections) Object.defineProperty(secret, inspection, { value: hidden })
  return secret
}
