import { expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { WellFormed } from './well-formed.ts'

const CASES = 10_000

it('refuses none of 10,000 ordinary requests, and changes no octet', { timeout: 300_000 }, async () => {
  await using wellFormed = await WellFormed.open()
  // Others by HEADGATE_SEED.
  const seed = seedOfRun('well-formed requests', 7)
  for (let i = 0; i < CASES; i++) await wellFormed.once(randomOf(seed + i))
  expect(wellFormed.proxy.ended.every(({ outcome }) => outcome === 'ok')).toBe(true)
})
