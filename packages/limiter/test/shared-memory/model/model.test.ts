import { describe, expect, it } from 'vitest'
import { explore } from './explore.ts'
import type { Mutant, Program } from './protocol.ts'

/** What two threads do: the keys of each decision. */
const pairs: readonly (readonly [name: string, first: Program, second: Program])[] = [
  ['one key, and the same twice', [[0]], [[0], [0]]],
  ['both keys, and one of them twice', [[0, 1]], [[1], [1]]],
  ['both keys, and both', [[0, 1]], [[0, 1]]],
  ['both keys, and both the other way round', [[0, 1]], [[1, 0]]],
]

const mutants: readonly Mutant[] = [
  'commits without comparing',
  'commits bucket by bucket',
  'releases before it commits',
  'takes over without putting off',
  'takes over by the stage that it saw first',
  'writes no number into a bucket',
  'always takes what was before',
  'frees a chunk before it commits',
  'frees what it replaced when it aborts',
  'keeps the chunks of what it aborts',
  'writes the entry after it owns',
  'does not release what it aborts',
  'never puts off',
  'clears up with what was to be',
]

/** Most steps of a thread that is alone: one decision begun again, and a decision more. */
const STEPS_MAX = 60

describe('the protocol by which threads own buckets', () => {
  it.each(pairs)('loses nothing and waits for nobody, whatever comes first: %s', (_, first, second) => {
    const { states, stepsAlone, fault } = explore({ programs: [first, second], deaths: true })
    expect(fault).toBeNull()
    expect(states).toBeGreaterThan(1000)
    expect(stepsAlone).toBeLessThan(STEPS_MAX)
  })

  it.each(mutants)('is not what it is where a thread %s', (mutant) => {
    const isNoticed = pairs.some(([, first, second]) => {
      const { fault } = explore({ programs: [first, second], deaths: true, mutant })
      return fault !== null
    })
    expect(isNoticed).toBe(true)
  })
})
