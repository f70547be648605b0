import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BareItem, parseDictionary, parseList } from './structured-field.ts'

const text = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)) })
const bare: fc.Arbitrary<BareItem> = fc.oneof(
  fc
    .integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 })
    .map((value) => ({ type: 'integer', value }) as const),
  fc.integer({ min: -999_999, max: 999_999 }).map((n) => ({ type: 'decimal', value: n / 1000 }) as const),
  text.map((value) => ({ type: 'string', value }) as const),
  fc
    .stringMatching(/^[A-Za-z*][\w!#$%&'*+.^`|~:/-]{0,9}$/)
    .map((value) => ({ type: 'token', value }) as const),
  fc.uint8Array().map((bytes) => ({ type: 'bytes', value: Buffer.from(bytes).toString('base64') }) as const),
  fc.boolean().map((value) => ({ type: 'boolean', value }) as const),
  fc.integer({ min: 0, max: 4e9 }).map((value) => ({ type: 'date', value }) as const),
)
const key = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,9}$/)
const item = fc.record({ bare, params: fc.array(fc.tuple(key, bare), { maxLength: 4 }) })
const space = fc.constantFrom('', ' ', '  ')

function written({ type, value }: BareItem): string {
  switch (type) {
    case 'string':
      return `"${value.replaceAll(/["\\]/g, '\\$&')}"`
    case 'bytes':
      return `:${value}:`
    case 'boolean':
      return value ? '?1' : '?0'
    case 'date':
      return `@${value}`
    case 'decimal':
      return value.toFixed(3)
    default:
      return String(value)
  }
}

describe('parseList', () => {
  it('reads what was written, with blanks where they may be', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5 }), space, (items, blank) => {
        const texts = items.map(
          (one) =>
            written(one.bare) +
            one.params.map(([name, value]) => `;${blank}${name}=${written(value)}`).join(''),
        )
        const expected = items.map((one) => ({ bare: one.bare, params: new Map(one.params) }))
        expect(parseList(texts.join(`${blank},\t${blank}`))).toEqual(expected)
      }),
    )
  })

  it('takes a parameter without a value as true, and the last of two', () => {
    const [one] = parseList('1;a;b=1;b=2') ?? []
    expect([...(one?.params ?? [])]).toEqual([
      ['a', { type: 'boolean', value: true }],
      ['b', { type: 'integer', value: 2 }],
    ])
  })

  it.each([
    '"open',
    '"bad \\escape"',
    '"é"',
    '"tab\t"',
    '1,',
    ',1',
    '1;',
    '1; ;a',
    '1 ;a',
    '1;A=1',
    '1;a=',
    '1;a =1',
    '1.',
    '1.2345',
    '1234567890123456',
    '1234567890123.1',
    '--1',
    '(1 2)',
    ':no base64!:',
    '?2',
    '@1.5',
    'a b',
    '1 2',
    '1\n',
  ])('refuses %j', (malformed) => {
    expect(parseList(malformed)).toBeNull()
  })
})

describe('parseDictionary', () => {
  it('reads what was written, the last member of a name', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, bare), { maxLength: 5 }), (members) => {
        const given = members.map(([name, value]) => `${name}=${written(value)}`).join(', ')
        const values = [...(parseDictionary(given) ?? [])].map(([name, member]) => [name, member.bare])
        expect(values).toEqual([...new Map(members)])
      }),
    )
  })

  it('takes a member without a value as true, with its parameters', () => {
    const member = parseDictionary('a;x=1, b')?.get('a')
    expect(member).toEqual({
      bare: { type: 'boolean', value: true },
      params: new Map([['x', { type: 'integer', value: 1 }]]),
    })
  })

  it.each(['A=1', 'a=', 'a=1,', '"a"=1', 'a=(1 2)', 'a 1'])('refuses %j', (malformed) => {
    expect(parseDictionary(malformed)).toBeNull()
  })
})

it('never throws, whatever the text', () => {
  const alphabet = fc.constantFrom(...'"\\;=,: @?%()*aB01.-\t\né')
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: alphabet, maxLength: 40 })), (given) => {
      parseList(given)
      parseDictionary(given)
    }),
  )
})
