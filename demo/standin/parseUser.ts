/** The texts that have a rule. `custom_id` is documented beside `update_or_create` alone; here every call takes it. */
const texts = ['email', 'first_name', 'last_name', 'company_custom_id', 'custom_id', 'phone_number']
const readOnly = new Set([
  'id',
  'key',
  'created_at',
  'updated_at',
  'lists',
  'companies',
  'page_views',
  'chat_id',
])
const maxLengths: Record<string, number> = { first_name: 40, last_name: 40 }

// Django's EmailValidator, without its quoted local parts and address literals.
const local = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/
const host = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d-]{2,63}$/i

export type FieldErrors = Record<string, string[]>
export type Values = Record<string, unknown>

/** Strips and checks a body as Django REST Framework does: one list of messages for each field that is wrong. */
export function parseUser(body: unknown): { values: Values; errors: FieldErrors } {
  const values: Values = {}
  const errors: FieldErrors = {}
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { values, errors: { non_field_errors: ['Invalid data. Expected a dictionary.'] } }

  for (const [name, value] of Object.entries(body)) {
    // The documentation does not say what becomes of fields that only User.com sets: they are passed over.
    if (readOnly.has(name)) continue
    const problem =
      name === 'tags'
        ? toTagsProblem(value)
        : texts.includes(name)
          ? toTextProblem(name, value)
          : toCustomProblem(value)
    if (problem) errors[name] = [problem]
    else values[name] = toStored(texts.includes(name) ? String(value) : value)
  }
  return { values, errors }
}

const toStored = (value: unknown): unknown =>
  typeof value === 'string' ? strip(value) : Array.isArray(value) ? value.map(toStored) : value

/**
 * A custom attribute must exist in the app. This app has every one, and takes any type but those that the documentation
 * does not name; `null`, of which it says nothing, is taken as nothing.
 */
function toCustomProblem(value: unknown): string {
  if (typeof value === 'string') return toTextProblem('', value)
  if (Array.isArray(value))
    return value.map((choice) => toTextProblem('', choice)).find((problem) => problem) ?? ''
  return typeof value === 'object' && value !== null ? 'Not a valid value.' : ''
}

function toTextProblem(name: string, value: unknown): string {
  if (value === null) return 'This field may not be null.'
  if (typeof value === 'number') value = String(value)
  if (typeof value !== 'string') return 'Not a valid string.'
  const text = strip(value)
  if (text === '') return 'This field may not be blank.'
  if (text.includes('\0')) return 'Null characters are not allowed.'
  const maxLength = maxLengths[name]
  if (maxLength !== undefined && [...text].length > maxLength)
    return `Ensure this field has no more than ${maxLength} characters.`
  if (name === 'email' && !isEmail(text)) return 'Enter a valid email address.'
  return ''
}

function toTagsProblem(value: unknown): string {
  if (!Array.isArray(value)) return `Expected a list of items but got type "${typeof value}".`
  if (value.some((tag) => typeof tag !== 'string')) return 'Not a valid string.'
  return value.map((tag) => toTextProblem('', tag)).find((problem) => problem) ?? ''
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  const domain = text.slice(at + 1)
  if (at < 1 || !local.test(text.slice(0, at))) return false
  if (host.test(domain)) return true
  try {
    return /[^\0-\x7f]/.test(domain) && host.test(new URL(`http://${domain}`).hostname)
  } catch {
    return false
  }
}

/** Python's `str.strip`: what JavaScript trims but for U+FEFF, and four separators and U+0085 more. */
function strip(text: string): string {
  // eslint-disable-next-line no-control-regex
  const isBlank = (character: string) => /[\s\x1c-\x1f\x85]/.test(character) && character !== '\ufeff'
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charAt(start))) start++
  while (end > start && isBlank(text.charAt(end - 1))) end--
  return text.slice(start, end)
}
