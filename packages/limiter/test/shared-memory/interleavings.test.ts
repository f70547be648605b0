import { afterAll, beforeAll, describe, it } from 'vitest'
import { accessesOf, checkDeaths, checkIntrusions } from './interleavings.ts'
import { watchAtomics } from './probe.ts'
import { scenarios } from './scenarios.ts'
import { everyAccess, everyAtomic, everyAtomicWrite } from './schedule.ts'

/** Places at which the second thread comes in, of those there are. */
const PLACES = 150

let unwatch = (): void => {}
beforeAll(() => {
  unwatch = watchAtomics()
})
afterAll(() => unwatch())

describe.each(scenarios)('two threads: $name', (scenario) => {
  it('are as if one had come after the other, wherever the second one comes in between', async () => {
    await checkIntrusions(scenario, scenario.isFine ? everyAccess : everyAtomic, PLACES)
  })

  it('lose at most what the second one was doing when it ends in the middle', async () => {
    const middle = Math.floor(accessesOf(scenario, everyAtomic) / 2)
    const where = { comesAt: everyAtomic, endsAt: everyAtomicWrite }
    await checkDeaths(scenario, { ...where, at: 0, isNoticed: true })
    await checkDeaths(scenario, { ...where, at: middle, isNoticed: false })
  })
})
