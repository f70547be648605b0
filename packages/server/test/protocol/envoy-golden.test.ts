import { beforeAll, describe, expect, it } from 'vitest'
import { convertSource } from '../../src/config/convert/convert-source.ts'
import { type GoldenAnswer, goldenCases, goldenYaml, type PlayedRow, playGolden } from './envoy-golden.ts'

const OF_NONE = 'a denied request of addends of 1 counts nothing, of no descriptor'
const GIVEN_BACK = 'negative hits are given back; there they are spent'
const WRONG = 'what asks for nothing is an error of the caller'

/** Where we differ on purpose: what is another in our answer, and why. */
const DIFFERENCES: readonly (readonly [row: string, why: string, ours: GoldenAnswer])[] = [
  [
    'empty domain #1',
    WRONG,
    { error: ['invalid-request', 'the domain is empty; name the one that the limits are of'] },
  ],
  ['no descriptors #1', WRONG, { error: ['invalid-request', 'there are no descriptors; send at least one'] }],
  ['quota over beside a limit that passes #2', OF_NONE, overLimit([over(1, 4), ok([5, 3], 4)], 1)],
  [
    'two descriptors, one exhausted: what the other has lost #1',
    OF_NONE,
    overLimit([over(3, 3, 'free-plan'), ok([5, 3], 5)], 3),
  ],
  ['two descriptors, one exhausted: what the other has lost #2', OF_NONE, allowed([5, 3], 5)],
  ['the same descriptor twice #3', OF_NONE, overLimit([ok([5, 3], 1), over(5, 3)], 5)],
  ['override with a multiplier of the unit #1', 'ten minutes are ten minutes', allowed([2, 2, 10], 1)],
  ['negative hits #3', GIVEN_BACK, allowed([5, 3], 4)],
  ['negative hits #4', GIVEN_BACK, allowed([5, 3], 3)],
  [
    'override, unit unknown #1',
    'an error of that request; there the process dies',
    { error: ['invalid-request', '0 is not a unit; send SECOND, MINUTE, HOUR, DAY, MONTH, YEAR'] },
  ],
]

type Status = NonNullable<GoldenAnswer['statuses']>[number]

function ok(limit: readonly (number | string)[], remaining: number): Status {
  return { code: 'OK', limit, remaining, reset: true }
}

function over(...limit: readonly (number | string)[]): Status {
  return { code: 'OVER_LIMIT', limit, remaining: 0, reset: true }
}

function allowed(limit: readonly number[], remaining: number): GoldenAnswer {
  const headers = { 'RateLimit-Limit': String(limit[0]), 'RateLimit-Remaining': String(remaining) }
  return { overall: 'OK', statuses: [ok(limit, remaining)], headers }
}

function overLimit(statuses: readonly Status[], limit: number): GoldenAnswer {
  const headers = { 'RateLimit-Limit': String(limit), 'RateLimit-Remaining': '0' }
  return { overall: 'OVER_LIMIT', statuses, headers }
}

describe('a configuration of envoyproxy/ratelimit', () => {
  let played: readonly PlayedRow[]

  beforeAll(async () => {
    played = await playGolden(goldenYaml)
  })

  it.each(goldenCases)('answers as the real server, or as the list of differences says: %s', (name) => {
    const differences = new Map(DIFFERENCES.map(([row, , ours]) => [row, ours]))
    const rows = played.filter(({ row }) => row.startsWith(`${name} #`))
    expect(rows.length).toBeGreaterThan(0)
    for (const { row, theirs, ours, status } of rows) {
      expect({ row, ...ours }).toEqual({ row, ...(differences.get(row) ?? theirs) })
      expect(status).toBe(ours.error ? 400 : ours.overall === 'OK' ? 200 : 429)
    }
  })

  it('has no difference in the list that is none', () => {
    const theirs = new Map(played.map((one) => [one.row, one.theirs]))
    for (const [row, why, ours] of DIFFERENCES) {
      expect(why).not.toBe('')
      expect(theirs.get(row), row).not.toEqual(ours)
      expect(theirs.has(row), row).toBe(true)
    }
  })
})

/** Rows in which what is converted answers otherwise than what is read as it is, and why. */
const NOT_CONVERTED: readonly (readonly [rows: RegExp, why: string])[] = [
  [/^unlimited /, 'what passes by a list has no number that is left'],
  [
    /^two quotas: over only when both are #[234]/,
    'quota_mode, of which convert says that it denies by itself',
  ],
  [/^a named rule is replaced /, 'replaces, of which convert says that all limits hold'],
  [/^request hits_addend #3/, 'hits above 1 that cross a limit are not counted'],
]

describe('the same configuration, converted', () => {
  it('gives the same answers, but for those of the list', async () => {
    const { text, notes } = convertSource({ name: '.', texts: [{ file: 'limits.yaml', text: goldenYaml }] })
    expect(notes.map(({ path }) => path.at(-1))).toEqual(['quota_mode', 'quota_mode', 'replaces'])
    const [read, converted] = await Promise.all([playGolden(goldenYaml), playGolden(text)])
    // Policies of ours always have a name.
    const unnamed = ({ statuses, ...answer }: GoldenAnswer) => ({
      ...answer,
      statuses: statuses?.map(({ limit = [], ...status }) => ({
        ...status,
        limit: limit.filter((one) => typeof one === 'number'),
      })),
    })
    for (const [i, { row, ours }] of converted.entries()) {
      const [expected, found] = [unnamed((read[i] as PlayedRow).ours), unnamed(ours)]
      if (NOT_CONVERTED.some(([rows]) => rows.test(row))) expect([row, found]).not.toEqual([row, expected])
      else expect([row, found]).toEqual([row, expected])
    }
  })
})
