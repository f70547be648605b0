import { describe, expect, it } from 'vitest'
import { againstCommit } from '../bench/src/harness/against.ts'
import type { Outcome } from '../bench/src/harness/compare.ts'
import { Processes } from '../bench/src/harness/processes.ts'
import { figureIn, SubjectError } from '../bench/src/harness/spawn.ts'
import { atLeast, type Case, type Run } from '../bench/src/harness/suite.ts'
import { readOptions } from '../bench/src/options.ts'
import { withResults } from '../bench/src/report/results.ts'
import { suites } from '../bench/src/suites/index.ts'

const trees = { ours: '/ours', theirs: '/theirs', commit: 'abc' }
const run = (label: string, keys: number): Run => ({ label, subject: 'headgate-memory', params: { keys } })
const one: Case = {
  name: 'hot, against cold',
  unit: 'ops/s',
  ours: run('headgate, hot', 1),
  theirs: [run('headgate, cold', 9), run('a peer', 1)],
  target: atLeast(2),
  brief: true,
}

describe('a comparison with a commit', () => {
  it('runs each use of the library with both, without peers, targets or fewer rounds', () => {
    const [hot, cold, ...others] = againstCommit([one], trees)
    expect(hot).toEqual({
      name: 'hot: hot',
      unit: 'ops/s',
      ours: { ...one.ours, label: 'headgate', tree: '/ours' },
      theirs: [{ ...one.ours, label: 'headgate at abc', tree: '/theirs' }],
      target: null,
    })
    expect(cold?.name).toBe('hot: cold')
    expect(others).toEqual([])
  })

  it('measures a use that stands in several cases once', () => {
    const again = { ...one, name: 'again', ours: run('headgate', 9), theirs: [run('headgate, other', 7)] }
    expect(againstCommit([one, again], trees).map(({ name }) => name)).toEqual([
      'hot: hot',
      'hot: cold',
      'again: other',
    ])
  })

  it.each(suites)('has a name for each case of $name', ({ cases }) => {
    const names = againstCommit(cases, trees).map(({ name }) => name)
    expect(names).not.toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  it('takes 7 rounds unless told otherwise', () => {
    expect(readOptions(['redis', '--against', 'HEAD'])).toMatchObject({ against: 'HEAD', rounds: 7 })
    expect(readOptions(['redis', '--against', 'HEAD', '--rounds', '2'])).toMatchObject({ rounds: 2 })
    expect(readOptions(['redis'])).toMatchObject({ against: undefined, rounds: 5 })
  })

  it.each([
    [['redis', '--rounds', '0']],
    [['redis', '--only', 'no such case']],
    [['nothing']],
    [['redis', '--what']],
    [['redis', '--write', '--only', 'hot']],
    [['redis', '--write', '--against', 'HEAD']],
  ])('answers %j with how it is used', (args) => {
    const names = suites.map(({ name }) => name).join(' | ')
    expect(readOptions(args)).toContain(`usage: npm run -s bench -- ${names} [--against REF]`)
  })
})

describe('a subject that prints several figures', () => {
  const params = { of: 'clock', keys: 1, limit: '1/s' }
  const p50: Run = { label: 'the clock', subject: 'memory-latency', params, reading: 'p50' }
  const turn = { params: { warmMs: 1, measureMs: 1 }, onRun: () => {} }

  it('runs once a round, whichever of them are read', async () => {
    const processes = new Processes()
    let started = 0
    const counted = { ...turn, onRun: () => started++ }
    const printed = await processes.run(p50, { ...counted, round: 1 })
    const p999 = { ...p50, reading: 'p999' }
    const slowest = figureIn(await processes.run(p999, { ...counted, round: 1 }), p999)
    const median = figureIn(printed, p50)
    expect(slowest).toBeGreaterThanOrEqual(median)
    expect(started).toBe(1)
    await processes.run(p50, { ...counted, round: 2 })
    expect(started).toBe(2)
  })

  it('fails where one is read that it does not print', async () => {
    const p42 = { ...p50, reading: 'p42' }
    const printed = await new Processes().run(p42, { ...turn, round: 1 })
    expect(() => figureIn(printed, p42)).toThrow('memory-latency printed no figure p42')
  })
})

describe('the page of results', () => {
  const figures = (label: string, values: readonly number[]) => ({
    label,
    values,
    median: values[0] ?? 0,
    usage: null,
  })
  const outcome = (median: number): Outcome => ({
    case: one,
    ours: figures('headgate, hot', [median, 1000, 9000]),
    theirs: figures('a | peer', [2000]),
    ratio: median / 2000,
    gain: median / 2000,
  })
  const ran = { suite: 'engine', about: 'a machine · Node 1', quick: false, date: '2030-01-02' }

  it('says of each suite when, where and by which command it was measured, and every figure', () => {
    const text = withResults('', ran, [outcome(5000)])
    expect(text).toMatch(/^# Results\n/)
    expect(text).toContain('\n`npm run -s bench -- engine --write` on 2030-01-02: a machine · Node 1.\n')
    expect(text).toContain(
      '| hot, against cold | ops/s | 5,000 (1,000 … 9,000) | a \\| peer: 2,000 (2,000 … 2,000) | 2.50 | target: ratio ≥ 2   ok |',
    )
  })

  it('says why a case is missing, and not with which parameters', () => {
    const error = new SubjectError(one.ours, 'headgate-memory {"keys":1} ended with 1: Error: no', false)
    expect(withResults('', ran, [{ case: one, error }])).toContain(
      '| not compared, headgate, hot: headgate-memory ended with 1: Error: no |',
    )
  })

  it('keeps what was written by hand and the sections of other suites, and replaces that of the same', () => {
    const both = withResults(withResults('# Mine\n', ran, [outcome(5000)]), { ...ran, suite: 'redis' }, [])
    const text = withResults(both, { ...ran, quick: true }, [outcome(3000)])
    expect(text.match(/^#.*$/gm)).toEqual(['# Mine', '## engine', '## redis'])
    expect(text).toContain('engine --quick --write')
    expect(text).toContain('MISS')
    expect(text).not.toContain('5,000')
  })
})
