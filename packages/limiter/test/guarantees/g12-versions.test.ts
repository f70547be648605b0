import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileRule } from '../../src/core/rule.ts'
import { VERDICT } from '../../src/core/store.ts'
import { type FrozenRule, h1Rules } from '../fixtures/h1/rules.ts'
import { violation } from '../history/checker.ts'
import { RedisServer } from '../redis-server.ts'
import { type Step, type Verb, type Version, VersionsBench } from './versions-bench.ts'

let server: RedisServer
let client: Redis

beforeAll(async () => {
  server = await RedisServer.start()
  client = new Redis(server.url)
})

afterAll(async () => {
  client?.disconnect()
  await server?.stop()
})

/** Who runs: the older alone, both, the newer alone, and back. */
const paths = fc
  .constantFrom<readonly [Version, Version]>(['h1', 'present'], ['present', 'next'], ['h1', 'next'])
  .map(([older, newer]): Version[][] => [[older], [older, newer], [newer], [newer, older], [older]])
const configuration = fc
  .uniqueArray(fc.constantFrom(...h1Rules), {
    selector: ({ options: { name } }) => name,
    minLength: 1,
    maxLength: 3,
  })
  .filter((rules) => rules.length > 0)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    actor: fc.nat(5),
    verb: fc.constantFrom<Verb>('consume', 'consume', 'consume', 'peek', 'charge', 'refund'),
    us: fc.oneof(fc.constant(0), fc.nat(300_000), fc.constantFrom(250_000, 1_000_000, 3_000_000)),
    cost: fc.oneof(fc.nat(4), fc.nat(30)),
  }),
  { minLength: 20, maxLength: 60, size: 'max' },
)

describe('G12 versions and configurations side by side', () => {
  it('the lines of the frozen version are those of today', () => {
    for (const { options, line } of h1Rules) expect(compileRule(options, 'rule').line).toBe(line)
  })

  it('take turns on one key as one store does, forward and back, and nobody resets a budget', async () => {
    const seen = { passed: 0, denied: 0, refunds: 0 }
    await fc.assert(
      fc.asyncProperty(paths, configuration, configuration, steps, async (path, one, other, all) => {
        const bench = new VersionsBench(client, [one, other])
        for (const [i, step] of all.entries()) {
          const versions = path[Math.floor((i * path.length) / all.length)] as Version[]
          const answer = await bench.play(versions[step.actor % versions.length] as Version, step)
          if (step.verb === 'refund') seen.refunds++
          else seen[answer.every((n, at) => at % VERDICT !== 0 || n === 0) ? 'passed' : 'denied']++
        }
        expect(bench.foreign).toBe(0)
      }),
      { numRuns: 150 },
    )
    expect(Math.min(seen.passed, seen.denied, seen.refunds)).toBeGreaterThan(500)
  })

  it('admit together no more than the larger of their limits does (G1)', async () => {
    const [one, other] = h1Rules as [FrozenRule, FrozenRule, ...FrozenRule[]]
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const bench = new VersionsBench(client, [[one], [other]])
        const history: { at: number; cost: number }[] = []
        for (const [i, step] of all.entries()) {
          const version = (['h1', 'present', 'next'] as const)[(step.actor + i) % 3] as Version
          const [wait] = await bench.play(version, { ...step, verb: 'consume' })
          if (wait === 0 && step.cost > 0) history.push({ at: bench.clock.now(), cost: step.cost })
        }
        expect(violation(history, { kind: 'rate', limit: 12, windowUs: 1_000_000, burst: 20 })).toBeNull()
      }),
      { numRuns: 50 },
    )
  })
})
