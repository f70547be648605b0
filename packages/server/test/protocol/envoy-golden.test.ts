import { beforeAll, describe, expect, it } from 'vitest'
import { convertSource } from '../../src/config/convert/convert-source.ts'
import { DIFFERENCES } from './envoy-differences.ts'
import { type GoldenAnswer, goldenCases, goldenYaml, type PlayedRow, playGolden } from './envoy-golden.ts'

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
