import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RespClient, respServer } from './resp-server.ts'

interface Recorded {
  readonly case: string
  readonly args: readonly string[]
  readonly reply: readonly number[] | string
}

const file = new URL('../fixtures/golden/cl-throttle.json', import.meta.url)
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded[]

/** Where ours answers otherwise than redis-cell 4d42338, and why. */
const DIFFERENCES: Readonly<Record<string, readonly (readonly number[] | RegExp)[]>> = {
  // Another period is another bucket; there the state of the key stays, whatever its rate was.
  'period changes on one key': [
    [0, 1, 0, -1, 60],
    [0, 1, 0, -1, 600],
    [0, 1, 0, -1, 6],
    [0, 1, 0, -1, 1],
  ],
  'rate above 1e9': [[0, 1, 0, -1, 0]],
  // Exact up to 2^53, which 2^53 + 1 is beyond; theirs overflows.
  'burst 2^53': [/^ERR invalid-request at max_burst/],
  // What means nothing is an error; theirs answers something.
  'burst -1': [/^ERR invalid-request at max_burst: "-1" is no whole number from 0/],
  'count 0': [/^ERR invalid-request at count: "0" is no whole number from 1/],
  'count -1': [/^ERR invalid-request at count/],
  'period 0': [/^ERR invalid-request at period/],
  'period -1': [/^ERR invalid-request at period/],
  'cost -1': [/^ERR invalid-request at quantity/, /^ERR invalid-request at quantity/],
  fraction: [/^ERR invalid-request at max_burst: "1.5"/],
  text: [/^ERR invalid-request at max_burst: "a"/],
  blank: [/^ERR invalid-request at max_burst: " 1"/],
  'too few arguments': [/^ERR wrong number of arguments; usage: CL.THROTTLE <key> <max_burst>/],
  'too many': [/^ERR wrong number of arguments; usage: CL.THROTTLE <key> <max_burst>/],
}

async function told(client: RespClient, args: readonly string[]): Promise<readonly number[] | string> {
  const answer = await client.ask('CL.THROTTLE', ...args)
  return answer instanceof Error ? answer.message : answer
}

const cases = [...new Set(recorded.map((one) => one.case))]

describe('CL.THROTTLE', () => {
  it.each(cases)('answers as redis-cell, or otherwise on purpose: %s', async (name) => {
    await using server = await respServer()
    const client = await server.connect()
    for (const [i, { args, reply }] of recorded.filter((one) => one.case === name).entries()) {
      const expected = DIFFERENCES[name]?.[i] ?? reply
      const answer = await told(client, args)
      // They were recorded one after another.
      server.clock.advance(0.1)
      if (expected instanceof RegExp) expect(answer).toMatch(expected)
      else expect(answer).toEqual(expected)
    }
  })

  it('has no difference listed that there is not', async () => {
    await using server = await respServer()
    const client = await server.connect()
    for (const [name, answers] of Object.entries(DIFFERENCES)) {
      const theirs = recorded.filter((one) => one.case === name)
      expect(theirs, name).toHaveLength(answers.length)
      const answersOfOurs = []
      for (const { args } of theirs) answersOfOurs.push(await told(client, args))
      expect(answersOfOurs, name).not.toEqual(theirs.map(({ reply }) => reply))
    }
  })

  /** By the formulas of redis-cell, in exact integers: time in units of 1/count of a nanosecond. */
  class Model {
    #tat = 0n

    throttle(nowUs: number, { burst, count, period, quantity }: Throttle): number[] {
      const now = BigInt(nowUs) * 1000n * BigInt(count)
      const emission = BigInt(period) * 1_000_000_000n
      const tau = emission * BigInt(burst + 1)
      const tat = this.#tat > now ? this.#tat : now
      const next = tat + emission * BigInt(quantity)
      const limited = next - tau > now
      if (!limited) this.#tat = next
      const ttl = (limited ? tat : next) - now
      const left = (tau - ttl) / emission
      const second = 1_000_000_000n * BigInt(count)
      const never = emission * BigInt(quantity) > tau
      const wait = !limited || never ? -1 : Number((next - tau - now + second - 1n) / second)
      return [Number(limited), burst + 1, Number(left), wait, Number((ttl + second - 1n) / second)]
    }
  }

  interface Throttle {
    readonly burst: number
    readonly count: number
    readonly period: number
    readonly quantity: number
  }

  it('property: is the bucket of redis-cell, with rates up to 10^9/s', async () => {
    await using server = await respServer()
    const client = await server.connect()
    let key = 0
    const calls = fc.array(fc.record({ sleepUs: fc.nat(3_000_000), quantity: fc.nat(4) }), { maxLength: 20 })
    const rule = fc.record({
      burst: fc.oneof(fc.nat(5), fc.nat(100_000)),
      count: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1_000_000_000 })),
      period: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 3600 })),
    })
    await fc.assert(
      fc.asyncProperty(rule, calls, async ({ burst, count, period }, sequence) => {
        const model = new Model()
        key += 1
        for (const { sleepUs, quantity } of sequence) {
          server.clock.advance(sleepUs / 1000)
          const args = [`p${key}`, ...[burst, count, period, quantity].map(String)]
          const [limited, limit, left, wait, reset] = (await told(client, args)) as number[]
          const expected = model.throttle(server.clock.now(), { burst, count, period, quantity })
          expect([limited, limit, left, wait]).toEqual(expected.slice(0, 4))
          // Parts of a millisecond are rounded down there, up here where nothing was spent.
          expect(Math.abs((reset as number) - (expected[4] as number))).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 60 },
    )
  })
})
