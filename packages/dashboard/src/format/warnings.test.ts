import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../live/admin-answers.ts'
import { NOTHING_KNOWN } from '../live/page-state.ts'
import { warningsOf } from './warnings.ts'

const NOON = new Date(2026, 4, 6, 12, 0, 0).getTime()
const AWAY = {
  storeAvailable: false,
  bySource: { fallback: 3, open: 0, closed: 1 },
  store: { breaker: 'open', consecutiveFailures: 7, lastError: 'connect ECONNREFUSED' },
} as unknown as Snapshot

describe('what is wrong right now', () => {
  it('is nothing while all is well', () => {
    expect(warningsOf({ ...NOTHING_KNOWN, connection: { status: 'live' } })).toEqual([])
  })

  it('is a connection that was lost, with the time of the last figures', () => {
    const connection = {
      status: 'lost',
      reason: 'nobody answers',
      lastAt: NOON,
      nextAt: NOON + 4000,
    } as const
    expect(warningsOf({ ...NOTHING_KNOWN, connection })[0]?.text).toBe(
      'Nobody answers. The figures below are the last ones, of 12:00:00. Next try at 12:00:04.',
    )
  })

  it('is a store that is away, with what decides meanwhile and why it is away', () => {
    const [warning] = warningsOf({ ...NOTHING_KNOWN, snapshot: AWAY })
    expect(warning?.title).toBe('The store does not answer')
    expect(warning?.text).toContain(
      '(since the start 3 decisions by the share of this instance, 1 decision turned away)',
    )
    expect(warning?.text).toContain('7 calls failed in a row. Last error: connect ECONNREFUSED.')
  })

  it('ends an error that is told with one mark', () => {
    const store = { ...AWAY.store, lastError: 'LOADING?' }
    expect(warningsOf({ ...NOTHING_KNOWN, snapshot: { ...AWAY, store } })[0]?.text).toContain(
      'Last error: LOADING? It is tried',
    )
  })

  it('is a configuration that was rejected, with place and reason', () => {
    const rejected = { file: null, path: 'policies[0].rules[0]', line: 4, message: 'is no rate', more: 2 }
    expect(warningsOf({ ...NOTHING_KNOWN, rejected })[0]?.text).toBe(
      'The one before it is still in force. policies[0].rules[0], line 4: is no rate. And 2 more mistakes.',
    )
  })

  it('is the switch by which nobody is denied', () => {
    expect(warningsOf({ ...NOTHING_KNOWN, allInShadow: true })).toMatchObject([
      { id: 'shadow', tone: 'note' },
    ])
  })
})
