import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { Differential } from './differential.ts'

const CASES = 50_000

let differential: Differential
beforeAll(async () => {
  differential = await Differential.open()
})
afterAll(() => differential.close())

it('forwards what it judged and nothing else, on 50,000 connections', { timeout: 600_000 }, async () => {
  // Others by HEADGATE_SEED, and by npm run fuzz.
  const seed = seedOfRun('hostile connections to the proxy', 963_095_814)
  for (let i = 0; i < CASES; i++) await differential.once(randomOf(seed + i))
  console.log(JSON.stringify(differential.counts))
  expect(differential.counts.arrived).toBeGreaterThan(CASES / 10)
})
