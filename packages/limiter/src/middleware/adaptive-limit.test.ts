import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adaptive } from './adaptive-limit.ts'

/** A limit with a clock that the test moves, and what a second of responses does to it. */
function subject(limit = '1000/min', min = 100) {
  let now = 0
  const adapting = adaptive({ limit, min, target: '200ms', now: () => now })
  return {
    limit: () => (adapting.rate as { limit: number }).limit,
    second(responses: readonly { status?: number; durationMs?: number }[]) {
      responses.forEach(({ status = 200, durationMs = 10 }, i) => {
        if (i === responses.length - 1) now += 1000
        adapting.observe({ status, durationMs })
      })
    },
  }
}

const good = Array.from({ length: 20 }, () => ({}))
const slow = [...good, { durationMs: 201 }, { durationMs: 500 }, { durationMs: 9000 }]
const failing = [...good, { status: 500 }, { status: 503 }, { status: 502 }]

describe('an adaptive limit', () => {
  it('begins with the highest limit, and stays there while all is well', () => {
    const { limit, second } = subject()
    second(good)
    expect(limit()).toBe(1000)
  })

  it.each([
    ['slow', slow],
    ['failing', failing],
  ])('falls to three quarters after a second of %s responses', (_, responses) => {
    const { limit, second } = subject()
    second(responses)
    expect(limit()).toBe(750)
    second(responses)
    expect(limit()).toBe(562)
  })

  it('grows by a twentieth of the highest after a second that was well', () => {
    const { limit, second } = subject()
    second(slow)
    second(good)
    expect(limit()).toBe(800)
  })

  it('does not mind a tenth of the responses, nor what clients did wrong', () => {
    const { limit, second } = subject()
    second([...good.slice(2), { durationMs: 900 }, { status: 500 }])
    second(good.map(() => ({ status: 404 })))
    expect(limit()).toBe(1000)
  })

  it('stays between its bounds, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(good, slow, failing), { maxLength: 60 }), (seconds) => {
        const { limit, second } = subject('37/min', 3)
        for (const responses of seconds) {
          second(responses)
          expect(limit()).toBeGreaterThanOrEqual(3)
          expect(limit()).toBeLessThanOrEqual(37)
        }
      }),
    )
  })

  it.each([
    [{ limit: '10/min', min: 11, target: '1s' }, 'adaptive.min: 11 is above the highest limit 10'],
    [{ limit: '10/min', min: 0, target: '1s' }, 'adaptive.min: 0 is no limit'],
    [{ limit: '10/min', min: 1, target: 'soon' }, 'adaptive.target'],
    [{ limit: 10, min: 1, target: '1s' }, 'adaptive.limit'],
    [{ limit: '10/min', min: 1, target: '1s', max: 3 }, 'unknown field "max"'],
  ])('refuses %o', (options, message) => {
    expect(() => adaptive(options as never)).toThrow(message)
  })
})
