import { afterEach, describe, expect, it, vi } from 'vitest'
import { budgetOf } from '../../core/budget.ts'
import { compileRule } from '../../core/rule.ts'
import type { RunScript } from './client.ts'
import { slotOf } from './connection/slots.ts'
import { files } from './scripts.gen.ts'
import { serverTime } from './scripts.ts'
import { openStore } from './topology.ts'

const budget = budgetOf('api', [compileRule('5/s', 'rule')])

afterEach(() => {
  vi.restoreAllMocks()
})

/** What was sent to a Cluster, which answers that nothing is used, or with the shards noted under a key. */
class Cluster {
  readonly calls: string[][] = []
  readonly noted = new Map<string, string>()

  readonly run: RunScript = async ({ text }, keys, args) => {
    if (text === files.shards) {
      const [key = ''] = keys
      const before = Number(this.noted.get(key) ?? 0)
      this.noted.set(key, String(args[0]))
      return before
    }
    this.calls.push(keys)
    return [1, 0, ...keys.flatMap(() => [1, 1, 1, 2, 0, 0])]
  }

  /** Asks for these keys, by a store of its own. */
  async ask(keys: readonly string[], shards?: number, prefix = 'p'): Promise<void> {
    const { run } = this
    const close = async (): Promise<void> => {}
    const store = openStore({ prefix, cluster: true, shards, custom: [], preamble: serverTime, run, close })
    await Promise.all(keys.map((key) => store.decide('consume', [{ budget, key, cost: 1 }])))
  }

  /** How many keys each shard got. */
  counts(): number[] {
    const counts = new Map<string, number>()
    for (const keys of this.calls) {
      const tag = /\{(.+)\}/.exec(keys[0] ?? '')?.[1] ?? ''
      counts.set(tag, (counts.get(tag) ?? 0) + keys.length)
    }
    return [...counts.values()]
  }
}

describe('the shards of a Cluster', () => {
  it.each<[string, (i: number) => string]>([
    ['numbered in a row', (i) => `user-${i}`],
    ['single characters', (i) => String.fromCharCode(33 + i)],
    ['addresses', (i) => `10.0.0.${i}`],
    ['different at the beginning alone', (i) => `${i}:${'x'.repeat(40)}`],
    ['of no pattern', () => crypto.randomUUID()],
  ])('get equal parts of keys that are %s', async (_, key) => {
    const cluster = new Cluster()
    await cluster.ask(Array.from({ length: 90 }, (_key, i) => key(i)))
    // By chance some 20 in the fullest of six.
    expect(cluster.counts().length).toBe(6)
    expect(Math.max(...cluster.counts())).toBeLessThanOrEqual(28)
  })

  it.each([1, 6, 24, 512])('are %i, and all keys of a call are of one slot', async (shards) => {
    const cluster = new Cluster()
    await cluster.ask(
      Array.from({ length: 20_000 }, (_, i) => `user-${i}`),
      shards,
    )
    expect(cluster.counts().length).toBe(shards)
    for (const keys of cluster.calls) expect(new Set(keys.map(slotOf)).size).toBe(1)
  })

  it('begin anew with another number', async () => {
    const [six, seven] = [new Cluster(), new Cluster()]
    const keys = Array.from({ length: 1000 }, (_, i) => `user-${i}`)
    await six.ask(keys, 6)
    await seven.ask(keys, 7)
    const known = new Set(six.calls.flat())
    expect(seven.calls.flat().filter((key) => known.has(key))).toEqual([])
  })
})

describe('the warning about another number of shards', () => {
  function listen(): unknown[][] {
    return vi.spyOn(process, 'emitWarning').mockImplementation(() => {}).mock.calls
  }

  it('is given once a prefix, and says what was and what is', async () => {
    const warnings = listen()
    const cluster = new Cluster()
    for (const shards of [6, 24, 6, 24]) await cluster.ask(['a', 'b'], shards, 'changed')
    await vi.waitFor(() => expect(cluster.noted.get('changed:{~shards}')).toBe('24'))
    expect(warnings).toEqual([
      [
        expect.stringMatching(/^Redis keys of changed were dealt to 6 shards, and now to 24: .*; give /),
        {
          type: 'HeadgateWarning',
          code: 'HEADGATE_SHARDS',
          detail: 'docs/reference/warnings.md#headgate_shards',
        },
      ],
    ])
  })

  it('is not given where the number is the same, nor for the first', async () => {
    const warnings = listen()
    const cluster = new Cluster()
    for (const prefix of ['same', 'other']) for (let i = 0; i < 3; i++) await cluster.ask(['a'], 24, prefix)
    expect([...cluster.noted.values()]).toEqual(['24', '24'])
    expect(warnings).toEqual([])
  })

  it('fails no decision where the number cannot be noted', async () => {
    const cluster = new Cluster()
    const { run } = cluster
    const refusing: RunScript = (script, ...call) =>
      script.text === files.shards ? Promise.reject(new Error('NOPERM')) : run(script, ...call)
    await Object.assign(new Cluster(), { run: refusing }).ask(['a', 'b'])
    expect(cluster.calls.flat()).toHaveLength(2)
  })
})
