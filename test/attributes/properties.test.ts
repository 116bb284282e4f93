import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAttributes } from '../../src/attributes'
import { isDjangoEmail } from '../support/djangoEmail'
import { isHtmlEmail } from '../support/htmlEmail'

const check = (property: fc.IRawProperty<unknown>) =>
  fc.assert(property as fc.IProperty<unknown>, { numRuns: 2_000 })

const takesEmail = (email: string) => !parseAttributes({ email }).issues[0]

/** Texts that are nearly emails: the pieces that the two references disagree or might disagree about. */
const emailPiece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('a', 'Bc', '.', '-', '@', '1', '_', '+', 'co', '.de', '.example.org'),
  },
  fc.constantFrom('"', '[', ']', '127.0.0.1', 'xn--', 'ü', 'ß', 'İ', '日本', '。', '\u200d', '\u00ad', '😀'),
  fc.constantFrom("!#$%&'*/=?^`{|}~", ' ', '\\', '/', ':', '%41', 'localhost', 'x'.repeat(62), 'ſ', '\u212a'),
)
const nearlyEmail = fc.oneof(
  fc.emailAddress(),
  fc.array(emailPiece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc
    .tuple(
      fc.array(emailPiece, { minLength: 1, maxLength: 4 }),
      fc.array(emailPiece, { minLength: 1, maxLength: 6 }),
    )
    .map(([local, domain]) => `${local.join('')}@${domain.join('')}`),
)

describe('email', () => {
  it('is taken where browsers and Django both take it, refused where both refuse it', () => {
    check(
      fc.property(nearlyEmail, (text) => {
        const email = text.trim()
        fc.pre([...email].length <= 254 && email !== '')
        const html = isHtmlEmail(email)
        const django = isDjangoEmail(email)
        if (html === django) expect(takesEmail(email)).toBe(html)
      }),
    )
  })

  // The references themselves: what browsers and Django are known to answer.
  it.each([
    ['a@example.org', true, true],
    ['user@müller.de', true, true],
    ['a@b', true, false],
    ['a..b@example.org', true, false],
    ['"a@b"@example.org', false, true],
    ['a@[127.0.0.1]', false, true],
    ['a@b.c', true, false],
    ['a@localhost', true, true],
    ['a@@b.co', false, false],
    ['a@-b.co', false, false],
    ['', false, false],
  ])('references: %s', (email, html, django) => {
    expect([isHtmlEmail(email), isDjangoEmail(email)]).toEqual([html, django])
  })
})

const name = fc.oneof(
  fc.constantFrom(
    'email',
    'first_name',
    'last_name',
    'tags',
    'custom_id',
    'company_custom_id',
    'phone_number',
    'plan',
  ),
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'id', 'key', 'toString', ' plan ', ''),
  fc.string({ unit: 'binary' }),
)
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string().map((inner) => ` ${inner}\u0085\u001c\ufeff`),
  nearlyEmail,
  fc.constantFrom('+49 30 1234567', 'a\0'),
)
const value = fc.oneof(
  text,
  fc.array(text),
  fc.double(),
  fc.boolean(),
  fc.date(),
  fc.anything({ withBigInt: true }),
)
const options = fc.constantFrom(undefined, { tooLong: 'truncate' as const })
const input = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(name, value) },
  fc.anything({
    key: name,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
  }),
)

describe('parseAttributes', () => {
  it('throws for nothing, and answers issues of known codes without the value', () => {
    check(
      fc.property(input, options, (input, options) => {
        for (const issue of parseAttributes(input, options).issues) {
          expect(Object.keys(issue)).toEqual(['field', 'code', 'message'])
          expect(issue.code).toMatch(/^(?:type|email|max_length|characters|name|phone|empty|too_large)$/)
          expect(issue.field.length).toBeLessThanOrEqual(64)
          expect(issue.message.length).toBeLessThan(100)
        }
      }),
    )
  })

  it('gives the same for what it gave', () => {
    check(
      fc.property(fc.dictionary(name, value), options, (input, options) => {
        const { attributes } = parseAttributes(input, options)
        fc.pre(Object.keys(attributes).length > 0)
        expect(parseAttributes(attributes, options)).toEqual({ attributes, issues: [] })
        const sent: unknown = JSON.parse(JSON.stringify(attributes))
        expect(parseAttributes(sent)).toEqual({ attributes: sent, issues: [] })
      }),
    )
  })

  it('leaves the input as it was, and shares no list with it', () => {
    check(
      fc.property(fc.dictionary(name, fc.oneof(text, fc.array(text))), options, (input, options) => {
        const before = structuredClone(input)
        const { attributes } = parseAttributes(Object.freeze(input), options)
        expect(input).toEqual(before)
        for (const [name, value] of Object.entries(attributes))
          if (Array.isArray(value)) expect(value).not.toBe(input[name])
      }),
    )
  })

  it('counts names in code points, and cuts them between graphemes', () => {
    const segmenter = new Intl.Segmenter()
    check(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        fc.pre(!/^\s|\s$|^$|\0/.test(text))
        const { attributes, issues } = parseAttributes({ first_name: text })
        if ([...text].length <= 40) {
          expect(attributes).toEqual({ first_name: text })
          return
        }
        expect(issues.map(({ code }) => code)).toEqual(['max_length'])
        const cut = parseAttributes({ first_name: text }, { tooLong: 'truncate' }).attributes
          .first_name as string
        expect([...cut].length).toBeLessThanOrEqual(40)
        const whole = Array.from(segmenter.segment(text), (part) => part.segment)
        const starts = whole.map((_, count) =>
          whole
            .slice(0, count + 1)
            .join('')
            .trim(),
        )
        expect(starts).toContain(cut)
        const next = starts[starts.lastIndexOf(cut) + 1]
        expect([...next!].length).toBeGreaterThan(40)
      }),
    )
  })
})
