import { describe, expect, it } from 'vitest'
import { isSameWish, type StopSignal } from './stop-signal.ts'

describe('isSameWish', () => {
  it.each<[StopSignal, StopSignal, number, boolean]>([
    ['SIGINT', 'SIGINT', 0, true],
    ['SIGINT', 'SIGINT', 250, true],
    ['SIGINT', 'SIGINT', 251, false],
    ['SIGTERM', 'SIGTERM', 0, false],
    ['SIGTERM', 'SIGINT', 0, false],
    ['SIGINT', 'SIGTERM', 0, false],
  ])('of %s and then %s after %d ms is %s', (signal, later, afterMs, expected) => {
    expect(isSameWish({ signal, atMs: 1000 }, { signal: later, atMs: 1000 + afterMs })).toBe(expected)
  })
})
