import { describe, expect, it } from 'vitest'
import { ClosedStreams } from '../../src/http2/closed-streams.ts'

describe('closed streams', () => {
  it('were reset by somebody, ended, or never open', () => {
    const closed = new ClosedStreams()
    closed.follow(1, 0)
    closed.follow(3, 1)
    closed.follow(9, 3)
    expect([1, 3, 5, 7, 9].map((id) => closed.endOf(id))).toEqual([
      'ended',
      'ended',
      'never-opened',
      'never-opened',
      'ended',
    ])
    closed.remember(1, 'reset-by-us')
    closed.remember(9, 'reset-by-client')
    expect(closed.endOf(1)).toBe('reset-by-us')
    expect(closed.endOf(9)).toBe('reset-by-client')
    expect(closed.endOf(3)).toBe('ended')
  })

  it('are forgotten in their order, and what is forgotten is blamed on nobody', () => {
    const closed = new ClosedStreams()
    const ids = Array.from({ length: 300 }, (_, i) => 2 * i + 1)
    for (const id of ids) closed.remember(id, 'reset-by-us')
    expect(ids.filter((id) => closed.endOf(id) === 'forgotten')).toEqual(ids.slice(0, 44))
    expect(ids.filter((id) => closed.endOf(id) === 'reset-by-us')).toEqual(ids.slice(44))
  })
})
