import { afterAll, beforeAll, describe, it } from 'vitest'
import { randomOf } from '../parity/random.ts'
import { accessesOf, checkDeaths, checkIntrusions, checkNested } from './interleavings.ts'
import { watchAtomics } from './probe.ts'
import { scenarios } from './scenarios.ts'
import { everyAccess, everyAtomic, everyWrite } from './schedule.ts'

/** Places at which the second thread comes in, of those there are, for every one at which it ends. */
const PLACES = 4
const NESTED = 60

let unwatch = (): void => {}
beforeAll(() => {
  unwatch = watchAtomics()
})
afterAll(() => unwatch())

describe.each(scenarios)('two threads: $name', (scenario) => {
  it('are as if one had come after the other, between whatever accesses to the memory the second one comes', async () => {
    await checkIntrusions(scenario, everyAccess, 500)
  })

  it('lose at most what the second one was doing, whatever write it ends at', async () => {
    const accesses = accessesOf(scenario, everyAtomic)
    for (let i = 0; i <= PLACES; i++) {
      const at = Math.floor((i * accesses) / PLACES)
      await checkDeaths(scenario, { at, comesAt: everyAtomic, endsAt: everyWrite, isNoticed: i % 2 === 0 })
    }
  }, 300_000)

  it('are as if one had come after the other where they are three', async () => {
    const random = randomOf(1)
    const accesses = accessesOf(scenario, everyAccess)
    for (let i = 0; i < NESTED; i++)
      await checkNested(scenario, random.below(accesses), random.below(2 * accesses))
  }, 300_000)
})
