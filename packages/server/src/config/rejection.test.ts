import { HeadgateError } from 'headgate'
import { describe, expect, it } from 'vitest'
import { parseConfig } from './config.ts'
import { rejectionOf } from './rejection.ts'

const policy = (rest: string): string => `policies: [{ name: api, key: user, rules: [1/s], ${rest} }]`

function rejected(text: string): ReturnType<typeof rejectionOf> {
  try {
    parseConfig(text, 'headgate.yaml')
  } catch (reason) {
    return rejectionOf(reason, 'headgate.yaml')
  }
  throw new Error('the text is valid')
}

describe('rejectionOf', () => {
  it.each([
    'store: "redis://u:s3cret@localhost:6379"\npolicies: []',
    `store: "redis://u:${'s3cret'.repeat(20)}@localhost:6379"\npolicies: []`,
    'store: { url: "postgres://u:s3cret@localhost" }\npolicies: []',
    'store: { url: |s3cret }\npolicies: []',
    'store: { url: !s3cret x }\npolicies: []',
    'policies: []\ndeny: { apiKey: [*s3cret] }',
    'policies: []\n}s3cret',
    'policies: []\n"a" "s3cret"',
    'policies: []\ndeny: { apiKey: [{ s3cret: 1 }] }',
    'policies: []\ndeny: { ip: [s3cret] }',
    'policies: []\nallow: "s3cret"',
    policy('match: { apiKey: [[s3cret]] }'),
    policy('match: { apiKey: { s3cret: 1 } }'),
    policy('match: s3cret'),
    policy('overrides: [{ match: { apiKey: { s3cret: 1 } }, rules: {} }]'),
  ])('repeats no secret of %j', (text) => {
    const rejection = rejected(text)
    expect(rejection).toMatchObject({ line: expect.any(Number), column: expect.any(Number) })
    expect(JSON.stringify(rejection)).not.toContain('s3cret')
  })

  it('hides a number that may be a key', () => {
    expect(rejected('policies: []\ndeny: { apiKey: [0777] }')).toEqual({
      file: null,
      path: 'deny.apiKey[0]',
      line: 2,
      column: 18,
      message: 'a value is wrong, which may be a secret; headgate check says more',
      more: 0,
    })
  })

  it('says what is wrong with a path', () => {
    expect(rejected(policy('match: { path: "no slash" }')).message).toContain('no slash')
  })

  it('says of other errors what they say', () => {
    const error = new HeadgateError('invalid-options', 'is wrong', { path: 'policies[0].name' })
    expect(rejectionOf(error, 'a')).toEqual({
      file: null,
      path: 'policies[0].name',
      line: null,
      column: null,
      message: 'is wrong',
      more: 0,
    })
  })
})
