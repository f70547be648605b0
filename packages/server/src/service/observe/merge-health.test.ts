import type { Health } from 'headgate'
import { describe, expect, it } from 'vitest'
import { mergeHealth } from './merge-health.ts'

const part: Health['parts'][number] = {
  store: 'reachable',
  answeredAt: 1000,
  breaker: 'closed',
  consecutiveFailures: 0,
  lastError: null,
}
const well: Health = {
  ...part,
  parts: [part, part],
  decisions: { store: 5, lease: 1, 'deny-cache': 0, fallback: 0, open: 0, closed: 0 },
  overloads: 1,
  latency: { count: 10, p50Ms: 1, p99Ms: 4, maxMs: 9 },
  replicas: 2,
}
const failed = { code: 'store-unavailable', message: 'no', at: 3000 } as const
const downPart = {
  ...part,
  store: 'unreachable',
  breaker: 'open',
  consecutiveFailures: 5,
  lastError: failed,
} as const
const down: Health = {
  ...downPart,
  parts: [part, downPart],
  decisions: { store: 2, lease: 0, 'deny-cache': 0, fallback: 7, open: 0, closed: 0 },
  overloads: 2,
  latency: { count: 1, p50Ms: 3, p99Ms: 3, maxMs: 3 },
  replicas: 3,
}

describe('the store as several threads find it', () => {
  it('is the worst of what they say now, and the sum of what they counted', () => {
    expect(mergeHealth([well, down])).toEqual({
      ...downPart,
      parts: [part, downPart],
      decisions: { store: 7, lease: 1, 'deny-cache': 0, fallback: 7, open: 0, closed: 0 },
      overloads: 3,
      latency: { count: 11, p50Ms: 3, p99Ms: 4, maxMs: 9 },
      replicas: 3,
    })
  })

  it('is of each part the worst that one of them says', () => {
    const other: Health = { ...down, parts: [downPart, part] }
    expect(mergeHealth([down, other]).parts).toEqual([downPart, downPart])
  })

  it('is reachable where one has not asked it yet', () => {
    const idle: Health = { ...well, store: 'unknown', answeredAt: null, decisions: null, latency: null }
    expect(mergeHealth([idle, well])).toMatchObject({ store: 'reachable', answeredAt: 1000 })
    expect(mergeHealth([idle, idle])).toMatchObject({ store: 'unknown', decisions: null, latency: null })
  })

  it('is what one says where there is one alone', () => {
    expect(mergeHealth([down])).toBe(down)
  })
})
