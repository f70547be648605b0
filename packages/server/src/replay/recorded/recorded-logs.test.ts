import { readRequest } from 'headgate/policies'
import { describe, expect, it } from 'vitest'
import { type Config, parseConfig } from '../../config/config.ts'
import { Pseudonyms } from '../../service/record/pseudonyms.ts'
import { RECORD_FORMAT, type RecordedRequest, type RecordHeader } from '../../service/record/record-format.ts'
import { Player } from '../player.ts'
import { RecordedLogs } from './recorded-logs.ts'
import { RecordedParser } from './recorded-parser.ts'

const FILE = `
policies:
  - name: users
    match: { user: [vip-*, boss], path: /x/** }
    key: [user, ip]
    rules: [2/min]
    overrides: [{ match: { ip: 10.0.0.0/8 }, rules: { 1m: { limit: 1/min } } }]
  - { name: anyone, match: { user: '*' }, key: user, rules: [4/min] }
  - { name: all, key: ip, rules: [5/min] }
allow: { ip: [192.0.2.7] }
deny: { user: [bad] }
`
const SEED = 'a seed of these tests'
const PSEUDONYMS = new Pseudonyms(SEED)
const ASKED = [
  { attribute: 'ip', pattern: '10.0.0.0/8' },
  { attribute: 'user', pattern: 'vip-*' },
]
const QUESTIONS = ASKED.map((asked) => ({
  attribute: asked.attribute,
  hash: PSEUDONYMS.ofPattern(asked),
}))
const plainHeader: RecordHeader = {
  format: RECORD_FORMAT,
  at: 0,
  hash: 'h',
  sample: null,
  hashed: [],
  check: PSEUDONYMS.check,
  questions: [],
}
const hashedHeader: RecordHeader = { ...plainHeader, hashed: ['ip', 'user'], questions: QUESTIONS }

const config = (text = FILE): Config => parseConfig(text, 'x.yaml')

/** Which questions a request answers with yes. */
const YES: Readonly<Record<string, number>> = { '10.0.0.5': 0, 'vip-1': 1 }

const REQUESTS = [
  ['10.0.0.5', 'boss'],
  ['10.0.0.5', 'boss'],
  ['192.0.2.1', 'vip-1'],
  ['192.0.2.1', 'vip-1'],
  ['192.0.2.1', 'vip-1'],
  ['192.0.2.1', 'other'],
  ['192.0.2.7', 'vip-1'],
  ['192.0.2.1', 'bad'],
  ['192.0.2.1', 'other'],
  ['192.0.2.1', ''],
  ['192.0.2.1', 'vip-1'],
].map(([ip = '', user = '']) => ({ ip, user, path: '/x/y' }))

function recorded(isHashed: boolean): RecordedRequest[] {
  return REQUESTS.map(({ ip, user, path }, i) => {
    const hashed = { ip: PSEUDONYMS.ofAddress(readRequest({ ip })) ?? '', user: PSEUDONYMS.of('user', user) }
    const values = isHashed ? hashed : { ip, user }
    const answers = [ip, user].flatMap((text) => YES[text] ?? [])
    return {
      at: i,
      verb: 'consume',
      attributes: { ip: values.ip, ...(user !== '' && { user: values.user }), path },
      allowed: true,
      ...(isHashed && { answers }),
    }
  })
}

async function reasonsOf(header: RecordHeader, requests: readonly RecordedRequest[]): Promise<unknown[]> {
  const logs = new RecordedLogs({ headers: [header], only: undefined, seed: SEED })
  const player = new Player({ configuration: logs.fit(config()) })
  const attributes = logs.attributesUnder(header)
  const decided: unknown[] = []
  for (const request of requests) {
    const decision = await player.play({ atUs: request.at * 1000, who: attributes(request) ?? {} })
    decided.push([decision?.reason, decision?.policy, decision?.limit])
  }
  await player.close()
  return decided
}

describe('recorded logs', () => {
  it('with hashed attributes are decided as those with the values are', async () => {
    const plain = await reasonsOf(plainHeader, recorded(false))
    expect(await reasonsOf(hashedHeader, recorded(true))).toEqual(plain)
    expect(plain).toContainEqual(['limited', 'users', 1])
    expect(plain).toContainEqual(['denied-by-policy', null, null])
  })

  it('are refused where a hashed attribute was not asked what a policy asks, which is named', () => {
    const questions = QUESTIONS.filter(({ attribute }) => attribute !== 'ip')
    const headers = [{ ...hashedHeader, questions }]
    const logs = new RecordedLogs({ headers, only: undefined, seed: SEED })
    expect(() => logs.fit(config())).toThrow(/override 1 of policy users asks whether ip fits 10\.0\.0\.0\/8/)
    const only = new RecordedLogs({ headers, only: ['all'] })
    expect(() => only.fit(config())).toThrow(/the list allow asks for values of ip/)
  })

  it('are refused without their seed where a policy asks for values, which is named, and with another one', () => {
    const headers = [hashedHeader]
    const file = config('policies: [{ name: a, match: { user: ann }, key: user, rules: [1/s] }]')
    expect(() => new RecordedLogs({ headers, only: undefined }).fit(file)).toThrow(
      /policy a asks for values of user, .* --seed-file/,
    )
    const plain = config("policies: [{ name: a, match: { user: '*' }, key: user, rules: [1/s] }]")
    expect(new RecordedLogs({ headers, only: undefined }).fit(plain)).toEqual({
      ...plain,
      allow: {},
      deny: {},
    })
    const seed = 'not the seed of these tests'
    expect(() => new RecordedLogs({ headers, only: undefined, seed })).toThrow(/another seed/)
  })

  it('of a sample are refused for budgets of which others spend, which are named', () => {
    const header = { ...plainHeader, sample: { attribute: 'user', share: 0.1 } }
    const logs = new RecordedLogs({ headers: [header], only: undefined })
    expect(() => logs.fit(config())).toThrow(
      /10 % of the values of user .*policy all counts by ip; .*--only users,anyone/,
    )
    expect(
      new RecordedLogs({ headers: [header], only: ['users', 'anyone'] }).fit(config()).policies,
    ).toHaveLength(3)
  })

  it('are refused where a later header has other hashes', () => {
    const logs = new RecordedLogs({ headers: [hashedHeader], only: undefined })
    expect(() => logs.attributesUnder(plainHeader)).toThrow(/one hashes ip, user, another nothing/)
  })
})

it('are refused where a policy is chosen by a path that is hashed, which is named', () => {
  const logs = new RecordedLogs({ headers: [{ ...plainHeader, hashed: ['path'] }], only: undefined })
  const file = `policies:
    - { name: wide, match: { path: /a/** }, key: ip, rules: [1/s], choose: { group: g, by: path } }`
  expect(() => logs.fit(config(file))).toThrow(/policy wide is chosen by its path/)
})

describe('a line of a recorded log', () => {
  const parse = (line: object, only?: readonly string[]): unknown => {
    const logs = new RecordedLogs({ headers: [plainHeader], only })
    const parser = new RecordedParser({ onHeader: (one) => logs.attributesUnder(one), onLost: () => {} })
    const [header, text] = [plainHeader, line].map((one) => Buffer.from(JSON.stringify(one))) as [
      Buffer,
      Buffer,
    ]
    parser.parse(header, 0, header.length)
    return parser.parse(text, 0, text.length)
  }
  const line = { at: 1, verb: 'consume', attributes: { user: 'ann' }, allowed: true }

  it('is left out where it asked for a limit that is not played', () => {
    expect(parse({ ...line, policy: 'users' }, ['all'])).toBeNull()
    expect(parse({ ...line, policy: 'users' }, ['users'])).toMatchObject({ policy: 'users' })
    expect(parse(line, ['all'])).toEqual({ atUs: 1000, who: { user: 'ann' } })
  })

  it('may say what is missing, and why', () => {
    const told: unknown[] = []
    const onLost = (...gap: unknown[]): unknown => told.push(gap)
    const parser = new RecordedParser({ onHeader: () => () => null, onLost })
    const gap = Buffer.from(JSON.stringify({ at: 1, lost: 10, why: 'no-attribute' }))
    expect(parser.parse(gap, 0, gap.length)).toBeNull()
    expect(told).toEqual([['no-attribute', 10]])
  })

  it.each<[object]>([
    [{ at: 1e300 }],
    [{ verb: 'close' }],
    [{ attributes: { user: 5 } }],
    [{ attributes: null }],
    [{ policy: 7 }],
    [{ cost: '3' }],
    [{ answers: 1 }],
  ])('is unreadable with %j', (wrong) => {
    expect(parse({ ...line, ...wrong })).toMatch(/no recorded request/)
  })
})

it('are refused where a policy asks for values of entries of descriptors that are hashed, which are named', () => {
  const logs = new RecordedLogs({
    headers: [{ ...plainHeader, hashed: ['descriptor.token'] }],
    only: undefined,
  })
  const of = (entry: string) =>
    config(`policies: [{ name: d, match: { descriptor: [tenant, ${entry}] }, key: tenant, rules: [1/s] }]`)
  expect(() => logs.fit(of('{ token: x }'))).toThrow(
    /policy d asks for values of the entry token of descriptors/,
  )
  expect(logs.fit(of('token')).policies).toHaveLength(1)
})
