import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Config, checkSource, parseConfig } from './config.ts'

const load = (text: string, values: Record<string, string>): Config => {
  const variables = new Map(Object.entries(values).map(([name, value]) => [name, { value }]))
  return checkSource({ name: 'f', texts: [{ file: 'f', text }], variables })
}

const messageOf = (text: string, values: Record<string, string>): string => {
  try {
    load(text, values)
  } catch (reason) {
    return (reason as Error).message
  }
  return 'is valid'
}

const policy = (text: string): string => `policies:\n  - name: a\n    rules: [1/s]\n    ${text}\n`
const rule = (text: string): string =>
  `policies: [{ name: a, rules: [{ algorithm: token-bucket, ${text} }] }]`

describe('variables in a configuration', () => {
  it('stand in texts, with defaults', () => {
    const text = `store:\n  url: \${REDIS_URL:-memory:}   # where it lives\n${policy('')}`
    expect(load(text, {}).stores['main']?.url).toBe('memory:')
    expect(load(text, { REDIS_URL: 'redis://u:s3cret@a:1' }).stores['main']?.url).toBe('redis://u:s3cret@a:1')
  })

  it('never become structure', () => {
    const strange = fc.constantFrom(
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      '#',
      'a',
      '&a',
      '*a',
      '!!b',
    )
    fc.assert(
      fc.property(
        fc.array(strange).map((parts) => parts.join('')),
        (value) => {
          fc.pre(value !== '')
          const { policies } = load(policy('match: { user: "${USER}" }'), { USER: value })
          expect(policies).toEqual([{ name: 'a', rules: ['1/s'], match: { user: value } }])
        },
      ),
      { numRuns: 40 },
    )
  })

  it('are not read in keys and comments', () => {
    const { policies } = load(policy('match: { "${A}": b }  # ${B:?no}'), {})
    expect(policies[0]?.match).toEqual({ '${A}': 'b' })
  })

  it.each([
    ['burst: "${N}"', { N: '7' }, { burst: 7 }],
    ['burst: "${N:-7}"', {}, { burst: 7 }],
  ])('are numbers where only a number is right: %s', (text, values, expected) => {
    expect(load(rule(`limit: 5/s, ${text}`), values).policies[0]?.rules[0]).toMatchObject(expected)
  })

  it('are texts where a text is right', () => {
    const values = { N: '007', M: '7' }
    const { policies, deny } = load(
      `${policy('match: { user: ["${N}", "${M}"] }')}deny: { apiKey: ["\${M}"] }`,
      values,
    )
    expect([policies[0]?.match, deny]).toEqual([{ user: ['007', '7'] }, { apiKey: ['7'] }])
  })

  it('that are unset are mistakes, each with its place, beside the others', () => {
    const text = `store:\n  url: \${REDIS_URL}\n${policy('kee: "${A:?say who}"')}    mode: on`
    expect(messageOf(text, {}).split('\n')).toEqual([
      'f:2:3 store.url: the variable REDIS_URL is unset; set it, or write ${REDIS_URL:-default}',
      'f:6:5 policies[0].kee: the variable A is unset: say who',
      'f:7:5 policies[0].mode: "on" is not one of enforce, shadow, off',
    ])
  })

  it('need quotes within braces, and that is said', () => {
    expect(messageOf('store: { url: ${A} }', {})).toMatch(/^f:1:16 a variable within .* needs quotes/)
    expect(messageOf('policies: [${A}]', {})).toContain('needs quotes: "${NAME}"')
  })

  it('may not fill the memory', () => {
    const text = policy(`match: { user: [${Array(40).fill('"${A}"').join(', ')}] }`)
    expect(messageOf(text, { A: 'x'.repeat(60_000) })).toContain('larger than 1 MiB together')
  })
})

describe('the value of a variable', () => {
  const secret = 'hunter2-s3cret-value'
  it.each([
    ['store:\n  url: ${S}', 'store.url: "${S}" is not a store of this version'],
    ['store: { url: "postgres://:${S}@x" }', '"postgres://***@x" is not a store'],
    ['store: { url: "redis://:${S}@x:99999" }', '"redis://***@x:99999" is not a Redis URL'],
    ['store: { url: memory, prefix: "a b ${S}" }', 'store.prefix: "a b ${S}" is not a prefix'],
    ['deny: { ip: "${S}" }', 'deny.ip: "${S}" is not an address'],
    ['deny: { ip: "${N}" }', 'deny.ip: "${N}" is not an address'],
    ['x: [{ algorithm: "${S}" }]', 'unknown key "x"'],
    ['attributes: { user: "${S}" }', 'attributes.user: "${S}" is not a source'],
  ])('is not shown: %s', (text, message) => {
    const values = { S: secret, N: '4711' }
    const said = messageOf(`${text}\n${policy('')}`, values)
    expect(said).toContain(message)
    expect(said).not.toMatch(/hunter2|s3cret|4711/)
  })

  it.each([
    ['limit: "${S}"', '"${S}"'],
    ['limit: 1/s, burst: "${S}"', '"${S}" is not a number'],
    ['limit: 1/s, burst: "${N}"', '${N} is not valid'],
    ['limit: "5/${S}"', '"5/${S}" is not a duration'],
    ['limit: "${L}"', '"${L}" is not a'],
  ])('is not shown, nor a part of it: rules with %s', (text, message) => {
    const said = messageOf(rule(text), { S: secret, N: '-4711', L: `${secret.repeat(5)}` })
    expect(said).toContain(message)
    expect(said).not.toMatch(/hunter2|s3cret|4711/)
  })

  it('leaves suggestions as they are', () => {
    expect(messageOf(policy('mode: "${M}"'), { M: 'of' })).toContain(
      '"${M}" is not one of enforce, shadow, off',
    )
  })
})

describe('the hash', () => {
  const text = policy('match: { user: "${A:-a}" }')

  it('is that of the text where no variable is set', () => {
    expect(load(text, {}).hash).toBe(parseConfig(text, 'g').hash)
    expect(load(`${text}# \${B}`, { B: 'b' }).hash).toBe(parseConfig(`${text}# \${B}`, 'g').hash)
  })

  it('is another where a value is another, and the same where all are the same', () => {
    const [a, b, again] = ['a', 'b', 'b'].map((value) => load(text, { A: value }).hash)
    expect(new Set([parseConfig(text, 'f').hash, a, b]).size).toBe(3)
    expect(again).toBe(b)
  })
})
