import { describe, expect, it } from 'vitest'
import { budgetOf } from '../../core/budget.ts'
import { compileRule } from '../../core/rule.ts'
import { openStore } from './open-store.ts'
import { serverTime } from './scripts.ts'

const budget = budgetOf('api', [compileRule('5/s', 'rule')])

/** How many of these keys each shard gets. */
async function dealt(keys: readonly string[]): Promise<number[]> {
  const counts = new Map<string, number>()
  const store = openStore({
    prefix: 'p',
    cluster: true,
    custom: [],
    preamble: serverTime,
    async run(_script, sent) {
      const tag = /^p:\{(.+)\}:/.exec(sent[0] ?? '')?.[1] ?? ''
      counts.set(tag, (counts.get(tag) ?? 0) + sent.length)
      return [1, 0, ...sent.flatMap(() => [0, 4, 1000])]
    },
    close: async () => {},
  })
  await Promise.all(keys.map((key) => store.decide('consume', [{ budget, key, cost: 1 }])))
  return [...counts.values()]
}

describe('the shards of a Cluster', () => {
  it.each<[string, (i: number) => string]>([
    ['numbered in a row', (i) => `user-${i}`],
    ['single characters', (i) => String.fromCharCode(33 + i)],
    ['addresses', (i) => `10.0.0.${i}`],
    ['different at the beginning alone', (i) => `${i}:${'x'.repeat(40)}`],
    ['of no pattern', () => crypto.randomUUID()],
  ])('get equal parts of keys that are %s', async (_, key) => {
    const counts = await dealt(Array.from({ length: 90 }, (_key, i) => key(i)))
    // By chance some 20 in the fullest of six.
    expect(counts.length).toBe(6)
    expect(Math.max(...counts)).toBeLessThanOrEqual(28)
  })
})
