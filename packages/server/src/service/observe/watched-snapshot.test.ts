import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HealthView } from './health-view.ts'
import { shownKey } from './shown-key.ts'
import type { PolicyCounts, Statistics } from './statistics-view.ts'
import type { TopKeys } from './top-keys-view.ts'
import { snapshotOf } from './watched-snapshot.ts'

const MOST = Number.MAX_SAFE_INTEGER
const LENGTH_MAX = 20_000

function policyOf(policy: string, rules: readonly string[], denied = MOST): PolicyCounts {
  return {
    ...{ policy, allowed: MOST, denied, shadowDenied: MOST },
    rules: rules.map((rule) => ({ rule, denied: MOST, shadowDenied: MOST })),
  }
}

/** With the longest numbers there are; snapshots are told with what had no room. */
function snapshot(policies: readonly PolicyCounts[], text = ''): Snapshot {
  const rate = { decisionsPerSecond: 1e9 + 0.1, deniedPerSecond: 1e9 + 0.1, errorsPerSecond: 1e9 + 0.1 }
  const latency = { count: MOST, averageMs: 1e6 + 0.001, p50Ms: 1e6, p90Ms: 1e6, p99Ms: 1e6 }
  const names = Array.from({ length: 8 }, (_, i) => `a-longer-name-${i}`)
  const counts = Object.fromEntries(names.map((name) => [name, MOST]))
  const statistics = {
    ...{ totalRequests: MOST, allowed: MOST, denied: MOST, shadowDenied: MOST, errors: MOST },
    ...{ bySource: counts, byTransport: counts, byVerb: counts, rates: [rate, rate, rate] },
    latency: Object.fromEntries(names.map((name) => [name, latency])),
    policies,
  } as unknown as Statistics
  const health = {
    ...{ uptimeMs: MOST, isDraining: false, overloads: MOST },
    configuration: { hash: '0123456789ab', rejected: null },
    eventLoop: { meanMs: 1.001, p99Ms: 1e5, maxMs: 1e5 },
    store: { available: false, lastError: { code: 'store-unavailable', message: text, at: MOST } },
  } as unknown as HealthView
  const keys = Array.from({ length: 10 }, () => {
    return { policy: text, key: text, count: MOST, error: MOST, margin: MOST }
  })
  const top = { window: { from: MOST, to: MOST }, sampledOneIn: MOST, keys } as unknown as TopKeys
  return snapshotOf({ at: MOST, statistics, health, requests: top, denied: top }) as Snapshot
}

interface Snapshot {
  readonly policies: readonly PolicyCounts[]
  readonly top: { readonly denied: { readonly keys: readonly { readonly key: string }[] } }
}

function topKeyOf({ top }: Snapshot): string {
  return top.denied.keys[0]?.key ?? ''
}

function bytesOf(told: object): number {
  const omitted = Object.fromEntries(
    [
      'denial',
      'change',
      'policy-change',
      'configuration',
      'configuration-rejected',
      'degraded',
      'failure',
      'connection-refused',
    ].map((kind) => [kind, MOST]),
  )
  return Buffer.byteLength(JSON.stringify({ ...told, omitted }))
}

describe('a snapshot', () => {
  it('is at most 20 KB long, whatever names, keys and errors there are', () => {
    const letter = fc.constantFrom('a', '"', '\u0000', '\ud800', 'é', '…', '🙂')
    const name = fc.tuple(letter, fc.integer({ min: 1, max: 300 })).map(([one, times]) => one.repeat(times))
    const policy = fc.tuple(name, fc.array(name, { maxLength: 32 }))
    fc.assert(
      fc.property(fc.array(policy, { maxLength: 60 }), name, (all, text) => {
        const told = snapshot(
          all.map(([one, rules]) => policyOf(one, rules)),
          text,
        )
        expect(bytesOf(told)).toBeLessThanOrEqual(LENGTH_MAX)
      }),
      { numRuns: 25 },
    )
  })

  it('has 50 policies of long names, and rules of those that deny most, as far as there is room', () => {
    const rules = Array.from({ length: 32 }, (_, i) => `${'r'.repeat(55)}-${i}`)
    const policies = Array.from({ length: 60 }, (_, i) => policyOf(`${'p'.repeat(55)}-${i}`, rules, 1000 - i))
    const told = snapshot(policies, 'k'.repeat(60))
    expect(bytesOf(told)).toBeLessThanOrEqual(LENGTH_MAX)
    expect(told.policies).toHaveLength(50)
    expect(told.policies[0]?.rules.length).toBeGreaterThan(5)
    expect(told.policies.at(-1)?.rules).toEqual([])
  })

  it('leaves out what alone is longer', () => {
    const told = snapshot([policyOf('p'.repeat(30_000), []), policyOf('users', ['1m'])], 'k'.repeat(30_000))
    expect(bytesOf(told)).toBeLessThanOrEqual(LENGTH_MAX)
    expect(told.policies).toEqual([policyOf('users', ['1m'])])
  })

  it('has all rules of few policies', () => {
    const policies = [policyOf('users', ['per-second', 'daily']), policyOf('keys', ['1m'])]
    expect(snapshot(policies).policies).toEqual(policies)
  })

  it('tells keys apart that begin alike and are cut, and cuts them as lists do', () => {
    const long = (end: string): string =>
      shownKey({ policy: 'users', key: 'a'.repeat(300) + end }, { name: 'users', key: 'user', rules: [] }).key
    const told = (key: string): string => topKeyOf(snapshot([], key))
    expect(told(long('1'))).toMatch(/^a{64}…[0-9a-f]{12}$/)
    expect(told(long('1'))).not.toBe(told(long('2')))
    expect(told(long('1')).slice(64)).toBe(long('1').slice(200))
    expect(told(`${'a'.repeat(64)}1`)).not.toBe(told(`${'a'.repeat(64)}2`))
    expect(told('a'.repeat(64))).toBe('a'.repeat(64))
  })

  it('has policies that deny most first', () => {
    const policies = [policyOf('few', [], 1), policyOf('many', [], 9)]
    expect(snapshot(policies).policies.map(({ policy }) => policy)).toEqual(['many', 'few'])
  })
})
