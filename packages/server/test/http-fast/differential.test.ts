/**
 * The fast path against `node:http`: random sequences of requests, odd and hostile ones among them, in random pieces.
 * `npm run fuzz -- --target http-fast` plays more of them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { judge, type Verdict } from './differential.ts'
import { type Servers, startServers } from './differential-servers.ts'

const CASES = 700

let servers: Servers
const verdicts: Verdict[] = []

beforeAll(async () => {
  servers = await startServers()
})

afterAll(() => servers?.[Symbol.asyncDispose]())

describe('the fast path', () => {
  it('says every octet that node:http says, but for the differences that are written down', async () => {
    const seed = seedOfRun('the fast path and node:http', 1)
    for (let i = 0; i < CASES; i++) {
      const verdict = await judge(servers, randomOf(seed + i))
      expect(verdict.fault, `HEADGATE_SEED=${seed + i}`).toBeNull()
      verdicts.push(verdict)
    }
    const rules = Map.groupBy(verdicts, ({ rule }) => rule)
    for (const [rule, { length }] of rules) console.log(`${String(length).padStart(6)} ${rule}`)
  })

  it('answers by itself what it is to answer, and hardly ever differs', () => {
    const sum = (of: (verdict: Verdict) => number): number => verdicts.reduce((all, one) => all + of(one), 0)
    expect(sum(({ answered }) => answered) / sum(({ requests }) => requests)).toBeGreaterThan(0.25)
    expect(sum(({ rule }) => (/^D1|timing/.test(`${rule}`) ? 1 : 0)) / CASES).toBeLessThan(0.15)
  })
})
