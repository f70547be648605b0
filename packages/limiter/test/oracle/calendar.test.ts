/** The calendar of the model; what the models answer is checked by the contract, which was worked out by hand. */
import { describe, expect, it } from 'vitest'
import { Calendar } from '../../src/core/calendar.ts'
import type { CalendarUnit } from '../../src/core/duration.ts'
import { calendarWindowOf } from './calendar.ts'

const T0 = 1_767_225_600_000_000

// Edges from the published rules of each zone.
const edges: readonly (readonly [CalendarUnit, string, string, string, string])[] = [
  ['day', 'Africa/Cairo', '2026-04-24T09:00Z', '2026-04-23T22:00Z', '2026-04-24T21:00Z'],
  ['day', 'Africa/Cairo', '2026-10-29T21:30Z', '2026-10-28T21:00Z', '2026-10-29T22:00Z'],
  ['hour', 'Australia/Lord_Howe', '2026-04-04T14:59Z', '2026-04-04T14:00Z', '2026-04-04T15:00Z'],
  ['hour', 'Australia/Lord_Howe', '2026-04-04T15:10Z', '2026-04-04T15:00Z', '2026-04-04T15:30Z'],
  ['hour', 'Australia/Lord_Howe', '2026-04-04T15:30Z', '2026-04-04T15:30Z', '2026-04-04T16:30Z'],
  ['day', 'Pacific/Apia', '2011-12-30T09:59Z', '2011-12-29T10:00Z', '2011-12-30T10:00Z'],
  ['day', 'Pacific/Apia', '2011-12-30T10:00Z', '2011-12-30T10:00Z', '2011-12-31T10:00Z'],
  ['week', 'UTC', '2026-01-01T00:00Z', '2025-12-29T00:00Z', '2026-01-05T00:00Z'],
  ['month', 'Europe/Paris', '2026-03-15T00:00Z', '2026-02-28T23:00Z', '2026-03-31T22:00Z'],
  ['year', 'Asia/Kathmandu', '2026-06-01T00:00Z', '2025-12-31T18:15Z', '2026-12-31T18:15Z'],
  ['minute', 'Asia/Kathmandu', '2026-06-01T00:00:59Z', '2026-06-01T00:00Z', '2026-06-01T00:01Z'],
]

describe('the calendar of the reference model', () => {
  it.each(edges)('knows the %s in %s at %s', (unit, zone, at, start, end) => {
    const window = calendarWindowOf(unit, zone, BigInt(Date.parse(at)) * 1000n)
    expect(window).toEqual({ start: BigInt(Date.parse(start)) * 1000n, end: BigInt(Date.parse(end)) * 1000n })
  })

  const zones = [
    'UTC',
    'Africa/Cairo',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'America/Scoresbysund',
    'Asia/Gaza',
  ]
  const units: readonly CalendarUnit[] = ['minute', 'hour', 'day', 'week', 'month']
  it.each(zones)('walks to the windows that the core computes in %s', (zone) => {
    for (const unit of units) {
      const calendar = new Calendar(unit, zone)
      // 41 instants over two years: every season, and no round numbers.
      for (let i = 0; i < 41; i++) {
        const now = T0 + i * 1_555_210_987_654
        const { start, end } = calendar.seek(now)
        expect([unit, now, start, end]).toEqual([unit, now, ...numbersOf(unit, zone, now)])
      }
    }
  })
})

function numbersOf(unit: string, zone: string, now: number): number[] {
  const { start, end } = calendarWindowOf(unit, zone, BigInt(now))
  return [Number(start), Number(end)]
}
