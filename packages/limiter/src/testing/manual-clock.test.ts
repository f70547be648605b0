import { describe, expect, it } from 'vitest'
import { manualClock } from './manual-clock.ts'

describe('a manual clock', () => {
  it('moves by durations and by milliseconds, fractions too', () => {
    const clock = manualClock(0)
    for (const by of ['1s', 5, 0.5, 0, null]) clock.advance(by)
    expect(clock.now()).toBe(1_005_500)
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 'soon', '-1s'])('refuses to move by %s', (by) => {
    const clock = manualClock(0)
    expect(() => clock.advance(by)).toThrow(expect.objectContaining({ code: 'invalid-options', path: 'by' }))
    expect(clock.now()).toBe(0)
  })

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null, 5n])(
    'takes no %s for microseconds',
    (us) => {
      const clock = manualClock(0)
      const error = (path: string) => expect.objectContaining({ code: 'invalid-options', path })
      expect(() => manualClock(us as never)).toThrow(error('startUs'))
      expect(() => clock.advanceUs(us as never)).toThrow(error('us'))
      expect(() => clock.set(us as never)).toThrow(error('us'))
      expect(clock.now()).toBe(0)
    },
  )

  it('says that its timers fire when they should', () => {
    expect(manualClock().timerSlackMs).toBe(0)
  })
})
