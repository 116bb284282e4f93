import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseAttributes, type ParseOptions } from '../../src/attributes'

afterEach(() => {
  vi.unstubAllGlobals()
})

const emoji = '👩‍🚀'
const codesOf = (input: unknown, options?: ParseOptions) =>
  parseAttributes(input, options).issues.map(({ field, code }) => `${field}:${code}`)
const cleaned = (input: unknown, options?: ParseOptions) => {
  const { attributes, issues } = parseAttributes(input, options)
  expect(issues).toEqual([])
  return attributes
}

describe('taken', () => {
  it.each<[string, unknown, unknown]>([
    ['email', ' myemail@example.org ', 'myemail@example.org'],
    ['email', 'user@müller.de', 'user@müller.de'],
    ['email', 'a.b+c@sub.example.co.uk', 'a.b+c@sub.example.co.uk'],
    ['email', `${'a'.repeat(242)}@example.org`, `${'a'.repeat(242)}@example.org`],
    ['email', 'a@1.2.3.44.55', 'a@1.2.3.44.55'],
    ['email', 'a@localhost', 'a@localhost'],
    ['first_name', ' John ', 'John'],
    ['first_name', '\u{1F600}'.repeat(40), '\u{1F600}'.repeat(40)],
    ['last_name', `\t\n${'x'.repeat(40)}\u00a0`, 'x'.repeat(40)],
    ['tags', [' new ', 'new', ''], ['new']],
    ['tags', 'new', ['new']],
    ['tags', ['b', 'a', ' b'], ['b', 'a']],
    ['company_custom_id', 42, '42'],
    ['company_custom_id', ' c-7 ', 'c-7'],
    ['custom_id', 0, '0'],
    ['phone_number', '+49 (30) 123-45.67', '+49301234567'],
    ['phone_number', '+1\u2013202\u2011555\u00a0[01]23', '+12025550123'],
    ['phone_number', '+1234567', '+1234567'],
    ['phone_number', '+123456789012345', '+123456789012345'],
    ['plan', ' pro ', 'pro'],
    ['seats', 12.5, 12.5],
    ['seats', 0, 0],
    ['paying', false, false],
    ['since', new Date(Date.UTC(2016, 7, 3, 12)), '2016-08-03T12:00:00.000Z'],
    ['colours', [' red', 'blue', 'red '], ['red', 'blue']],
    ['toString', 'a custom attribute', 'a custom attribute'],
    ['hasOwnProperty', 1, 1],
    ['country', 'Poland', 'Poland'],
    ['  plan ', 'pro', 'pro'],
  ])('%s: %j', (name, value, expected) => {
    expect(cleaned({ [name]: value })).toEqual({ [name.trim()]: expected })
  })

  // Each blank of JavaScript's `trim` and of Python's `str.strip`.
  it.each(
    [
      0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2005, 0x200a,
      0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff,
    ].map((code) => [code.toString(16), String.fromCharCode(code)]),
  )('U+%s is trimmed', (_, blank) => {
    expect(
      cleaned({ first_name: `${blank}${blank}a${blank}b${blank}`, [`${blank}plan${blank}`]: 1 }),
    ).toEqual({
      first_name: `a${blank}b`,
      plan: 1,
    })
    expect(codesOf({ first_name: blank })).toEqual([':empty'])
  })

  it('leaves out what is absent', () => {
    expect(
      cleaned({ a: 1, email: '', first_name: ' \n', last_name: null, tags: [], b: undefined, c: [''] }),
    ).toEqual({
      a: 1,
    })
  })

  it('takes the first that is there of two names that are one after trimming', () => {
    expect(parseAttributes({ ' plan': 'a', plan: 'b' })).toMatchObject({
      attributes: { plan: 'a' },
      issues: [{ field: 'plan', code: 'name' }],
    })
    expect(cleaned({ ' plan': '', plan: 'b' })).toEqual({ plan: 'b' })
  })
})

describe('refused', () => {
  it.each<[string, unknown, string]>([
    ['email', 'a@b', 'email'],
    ['email', 'a@@b.co', 'email'],
    ['email', 'a b@example.org', 'email'],
    ['email', 'a@müller.de/b', 'email'],
    ['email', 'a@müller.de:80', 'email'],
    ['email', 'a@b@müller.de', 'email'],
    ['email', 'a@xn--ü.de', 'email'],
    ['email', 'a@1.2.3.44.', 'email'],
    ['email', `a@${'b'.repeat(64)}.de`, 'email'],
    ['email', 'a@b.co\n.de', 'email'],
    ['email', `${'a'.repeat(243)}@example.org`, 'max_length'],
    ['email', 7, 'type'],
    ['email', ['a@b.co'], 'type'],
    ['first_name', '\u{1F600}'.repeat(41), 'max_length'],
    ['last_name', 'x'.repeat(41), 'max_length'],
    ['first_name', 1, 'type'],
    ['first_name', 'a\0b', 'characters'],
    ['first_name', '\0', 'characters'],
    ['last_name', 'a\ud800', 'characters'],
    ['last_name', '\udc00a', 'characters'],
    ['tags', ['a', 1], 'type'],
    ['tags', ['a', ['b']], 'type'],
    ['tags', [null], 'type'],
    ['tags', { a: 1 }, 'type'],
    ['tags', ['a\0'], 'characters'],
    ['custom_id', NaN, 'type'],
    ['custom_id', true, 'type'],
    ['company_custom_id', ['a'], 'type'],
    ['phone_number', '0049301234567', 'phone'],
    ['phone_number', '+0301234567', 'phone'],
    ['phone_number', '+123456', 'phone'],
    ['phone_number', '+1234567890123456', 'phone'],
    ['phone_number', '+49 30 CALL-ME', 'phone'],
    ['phone_number', 49301234567, 'type'],
    ['plan', Infinity, 'type'],
    ['plan', {}, 'type'],
    ['plan', new Date(NaN), 'type'],
    ['plan', [1], 'type'],
    ['plan', () => 1, 'type'],
    ['plan', Symbol('a'), 'type'],
    ['plan', 1n, 'type'],
    ['plan', new String('a'), 'type'],
    ['plan', new Map(), 'type'],
    ['', 1, 'name'],
    [' \t', 1, 'name'],
    ['a\0b', 1, 'name'],
    ['a\ud800', 1, 'name'],
    ['constructor', 1, 'name'],
    ['prototype', 1, 'name'],
    [' constructor ', 1, 'name'],
    ...[
      'id',
      'key',
      'name',
      'last_ip',
      'lists',
      'attributes',
      'companies',
      'created_at',
      'updated_at',
      'first_seen',
    ].map((name): [string, unknown, string] => [name, 'x', 'name']),
    ...['last_seen', 'last_contacted', 'page_views', 'chat_id', 'browser', 'browser_language', 'os_type'].map(
      (name): [string, unknown, string] => [name, 'x', 'name'],
    ),
    ...['resolution', 'gravatar_url', 'google_url'].map((name): [string, unknown, string] => [
      name,
      'x',
      'name',
    ]),
  ])('%s: %o', (name, value, code) => {
    const { attributes, issues } = parseAttributes({ [name]: value })
    expect(issues.map((issue) => issue.code)).toEqual([code])
    expect(issues[0]!.field).toBe(name.trim())
    expect(attributes).toEqual(
      name === 'tags' && Array.isArray(value) && value[0] === 'a' ? { tags: ['a'] } : {},
    )
  })

  it('reports every problem, and each once', () => {
    expect(
      codesOf({
        email: `${'@'.repeat(300)}`,
        first_name: 'x'.repeat(41),
        tags: [1, 2, 'a\0', 'b\0'],
        phone_number: 'no',
        id: 1,
        plan: {},
      }),
    ).toEqual([
      'email:email',
      'email:max_length',
      'first_name:max_length',
      'tags:type',
      'tags:characters',
      'phone_number:phone',
      'id:name',
      'plan:type',
    ])
  })

  it.each([undefined, null, true, 1, 'a', [], ['a'], () => 1, Symbol('a'), 1n])(
    '%o is no attributes',
    (input) => {
      expect(codesOf(input)).toEqual([':type'])
    },
  )

  it('says of null that it is no object, though JavaScript calls it one', () => {
    expect(parseAttributes(null).issues[0]!.message).toBe('takes object, not undefined')
  })

  it.each([{}, { a: null }, { email: ' ', tags: [''] }, new Date(), new Map()])(
    '%o holds nothing to send',
    (input) => {
      expect(codesOf(input)).toEqual([':empty'])
    },
  )

  it('counts 32 KiB in bytes of UTF-8', () => {
    const around = JSON.stringify({ note: '' }).length
    expect(codesOf({ note: 'x'.repeat(32_768 - around) })).toEqual([])
    expect(codesOf({ note: 'x'.repeat(32_769 - around) })).toEqual([':too_large'])
    expect(codesOf({ note: '€'.repeat(10_919) })).toEqual([])
    expect(codesOf({ note: '€'.repeat(10_920) })).toEqual([':too_large'])
  })

  it('needs no TextEncoder for what is small: the jsdom of Jest has none', () => {
    vi.stubGlobal('TextEncoder', undefined)
    expect(codesOf({ email: 'john@example.org' })).toEqual([])
  })

  it('does not walk a list that cannot fit', () => {
    const tags: string[] = []
    tags.length = 2 ** 32 - 1
    expect(codesOf({ tags })).toEqual(['tags:too_large'])
  })

  it('names the rule and the kind in its messages, never the value, and no more than 64 characters of a name', () => {
    const secret = 'correct-horse-battery'
    const { issues } = parseAttributes({
      email: secret,
      first_name: secret.repeat(3),
      last_name: `${secret}\0`,
      phone_number: secret,
      tags: { secret },
      [secret.repeat(50_000)]: { secret },
    })
    expect(issues.map((issue) => issue.message)).toEqual([
      'breaks the rule "email"',
      'takes at most 40 characters',
      'breaks the rule "characters"',
      'breaks the rule "phone"',
      'takes string or list, not object',
      'takes string, finite number, boolean, Date object or list, not object',
    ])
    expect(issues[5]!.field).toBe(secret.repeat(4).slice(0, 64))
  })
})

describe("tooLong: 'truncate'", () => {
  const truncate = { tooLong: 'truncate' } as const

  it('cuts names to 40 code points', () => {
    expect(cleaned({ first_name: '\u{1F600}'.repeat(41), last_name: 'x'.repeat(50) }, truncate)).toEqual({
      first_name: '\u{1F600}'.repeat(40),
      last_name: 'x'.repeat(40),
    })
  })

  it('never cuts inside a character, nor leaves a blank at the end', () => {
    expect(cleaned({ first_name: 'x'.repeat(39) + emoji }, truncate)).toEqual({ first_name: 'x'.repeat(39) })
    expect(cleaned({ first_name: 'x'.repeat(37) + emoji + 'y' }, truncate)).toEqual({
      first_name: 'x'.repeat(37) + emoji,
    })
    expect(cleaned({ first_name: 'x'.repeat(39) + 'e\u0301' }, truncate)).toEqual({
      first_name: 'x'.repeat(39),
    })
    expect(cleaned({ first_name: 'x'.repeat(38) + '  yz' }, truncate)).toEqual({ first_name: 'x'.repeat(38) })
  })

  it('refuses a single character that is longer than all that is allowed, and emails', () => {
    expect(codesOf({ first_name: 'e' + '\u0301'.repeat(40) }, truncate)).toEqual(['first_name:max_length'])
    expect(codesOf({ email: `${'a'.repeat(250)}@example.org` }, truncate)).toEqual(['email:max_length'])
  })

  it('cuts at a code point where there is no Intl.Segmenter', () => {
    const { Segmenter } = Intl
    try {
      Object.assign(Intl, { Segmenter: undefined })
      expect(cleaned({ first_name: 'x'.repeat(39) + '\u{1F600}\u{1F600}' }, truncate)).toEqual({
        first_name: 'x'.repeat(39) + '\u{1F600}',
      })
    } finally {
      Object.assign(Intl, { Segmenter })
    }
  })

  it('is not done unless asked for', () => {
    for (const options of [undefined, null as never, {}, { tooLong: 'refuse' as const }])
      expect(codesOf({ first_name: 'x'.repeat(41) }, options)).toEqual(['first_name:max_length'])
  })
})
