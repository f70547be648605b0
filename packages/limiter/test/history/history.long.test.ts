/** Many processes on one key of a real Redis: what they were admitted together, in any interval (G1, G2). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileRule, type RuleOptions } from '../../src/core/rule.ts'
import { RedisServer } from '../redis-server.ts'
import { boundOf, peakOf, violation } from './checker.ts'
import { type History, total } from './history.ts'
import { type Recording, type RecordOptions, record } from './record.ts'

let server: RedisServer

beforeAll(async () => {
  server = await RedisServer.start()
})

afterAll(() => server?.stop())

const PROCESSES = 8
const TEN_SECONDS = { timeout: 60_000 }

function spend(rule: RuleOptions, more: Partial<RecordOptions> = {}): Promise<Recording> {
  const prefix = `headgate:h${Math.floor(performance.now())}`
  const usual = { keys: ['one'], callers: 8, cost: 1, processes: PROCESSES, seconds: 10 }
  return record({ server, prefix, rule, ...usual, ...more })
}

/** Checks a history and says how it went. */
function judge(name: string, rule: RuleOptions, recording: Recording, leaseUs = 0): void {
  const bound = boundOf(compileRule(rule, 'rule'))
  for (const history of recording.histories) {
    const { units, most, fromUs, toUs } = peakOf(history, bound, leaseUs)
    console.log(
      `${name}: ${total(history)} admitted in ${seconds(lengthUs(history))} s, ${recording.denials} denied, ` +
        `${recording.failures} failed; at worst ${units} of at most ${most} in ${seconds(toUs - fromUs)} s`,
    )
    expect(violation(history, bound, leaseUs)).toBeNull()
  }
  expect(recording.failures).toBe(0)
}

function lengthUs(history: History): number {
  return (history.at(-1)?.at ?? 0) - (history[0]?.at ?? 0)
}

function seconds(us: number): string {
  return (us / 1_000_000).toFixed(3)
}

describe(`${PROCESSES} processes on one key, every decision in the store`, () => {
  it(
    'are admitted by a bucket to within one unit of its bound, from first to last',
    TEN_SECONDS,
    async () => {
      const rule: RuleOptions = { algorithm: 'token-bucket', limit: '1000/s', burst: 1000 }
      const recording = await spend(rule, { first: 1000 })
      judge('bucket', rule, recording)
      const [recorded = []] = recording.histories
      const history = recorded.filter(({ at }) => at <= recording.deniedUs)
      expect(lengthUs(history)).toBeGreaterThan(9_000_000)
      const due = 1000 + (1000 * lengthUs(history)) / 1_000_000
      console.log(`bucket: ${total(history)} admitted, of B + N·t/W = ${due.toFixed(3)}`)
      expect(total(history)).toBeLessThanOrEqual(due)
      expect(total(history)).toBeGreaterThan(due - 1)
    },
  )

  it('fill a sliding window, and never overfill it', TEN_SECONDS, async () => {
    const rule: RuleOptions = { limit: '1000/s', segments: 10 }
    const recording = await spend(rule)
    judge('sliding window', rule, recording)
    expect(total(recording.histories[0] ?? [])).toBeGreaterThan(9000)
  })

  it.each(['first-hit', 'epoch'] as const)(
    'fill fixed windows (%s), and never overfill one',
    TEN_SECONDS,
    async (align) => {
      const rule: RuleOptions = { algorithm: 'fixed-window', limit: '1000/s', align }
      const recording = await spend(rule, { seconds: 5 })
      judge(`fixed window, ${align}`, rule, recording)
      expect(total(recording.histories[0] ?? [])).toBeGreaterThanOrEqual(5000)
    },
  )

  it('fill a log, and never overfill it', TEN_SECONDS, async () => {
    const rule: RuleOptions = { algorithm: 'sliding-log', limit: '200/s' }
    const recording = await spend(rule, { seconds: 5 })
    judge('sliding log', rule, recording)
    expect(total(recording.histories[0] ?? [])).toBeGreaterThanOrEqual(1000)
  })
})

describe(`${PROCESSES} processes on three keys, with leases`, () => {
  it('are admitted in any interval what it and a lifetime allow', TEN_SECONDS, async () => {
    const lifetimeUs = 200_000
    const rule: RuleOptions = { algorithm: 'token-bucket', limit: '3000/s', burst: 300 }
    const lease = { max: 50, lifetimeUs }
    const recording = await spend(rule, { keys: ['one', 'two', 'three'], seconds: 5, lease })
    judge('bucket with leases', rule, recording, lifetimeUs)
  })
})
