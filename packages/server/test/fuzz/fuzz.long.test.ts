/** Input from strangers, 20,000 a target: no crash, no unhandled rejection, no answer of another shape, no growth. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from 'vitest'
import { seedOfRun } from '../../../limiter/test/parity/random.ts'
import { runTarget } from './run-target.ts'
import { targets } from './targets.ts'

const CASES = 20_000
const GROWTH_MAX = 10_000_000

beforeAll(() => {
  setFlagsFromString('--expose-gc')
  global.gc = runInNewContext('gc')
})

describe('fuzz', () => {
  it.each(targets)('$name', { timeout: 600_000 }, async (target) => {
    const { fault, growth } = await runTarget(target, {
      cases: CASES,
      seed: seedOfRun(`fuzz of ${target.name}`, 1),
    })
    expect(fault).toBeNull()
    expect(growth).toBeLessThan(GROWTH_MAX)
  })
})
