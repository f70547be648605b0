import { describe, expect, it } from 'vitest'
import { againstCommit } from '../bench/src/harness/against.ts'
import { atLeast, type Case, type Run } from '../bench/src/harness/suite.ts'
import { readOptions } from '../bench/src/options.ts'
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
    expect(names.length).toBeGreaterThan(2)
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
  ])('answers %j with how it is used', (args) => {
    expect(readOptions(args)).toContain(
      'usage: npm run -s bench -- engine | guard | redis | distributed [--against REF]',
    )
  })
})
