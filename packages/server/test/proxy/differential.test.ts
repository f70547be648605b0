import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { Differential } from './differential.ts'

const CASES = 3000

let differential: Differential
beforeAll(async () => {
  differential = await Differential.open()
})
afterAll(() => differential.close())

it('forwards what it judged and nothing else, whatever a connection brings', async () => {
  const seed = seedOfRun('hostile connections to the proxy', 1)
  for (let i = 0; i < CASES; i++) await differential.once(randomOf(seed + i))
  // It is neither all refused nor all forwarded.
  const { arrived, refused, tunnels } = differential.counts
  expect(Math.min(arrived, refused)).toBeGreaterThan(CASES / 10)
  expect(tunnels).toBeGreaterThan(CASES / 500)
})
