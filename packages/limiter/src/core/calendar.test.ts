import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calendar, type CalendarWindow } from './calendar.ts'
import type { CalendarUnit } from './duration.ts'

const us = (instant: string): number => Date.parse(instant) * 1000
const iso = (at: number): string => new Date(at / 1000).toISOString().replace(':00.000Z', 'Z')
const windowOf = (unit: CalendarUnit, zone: string, instant: string): string[] => {
  const { start, end } = new Calendar(unit, zone).seek(us(instant))
  return [iso(start), iso(end)]
}

describe('Calendar', () => {
  it.each<[CalendarUnit, string, string, string, string]>([
    ['minute', 'UTC', '2026-05-05T10:20:30Z', '2026-05-05T10:20Z', '2026-05-05T10:21Z'],
    ['hour', 'UTC', '2026-05-05T10:20:30Z', '2026-05-05T10:00Z', '2026-05-05T11:00Z'],
    ['hour', 'Asia/Kolkata', '2026-05-05T10:20:30Z', '2026-05-05T09:30Z', '2026-05-05T10:30Z'],
    ['hour', 'Asia/Kathmandu', '2026-05-05T10:20:30Z', '2026-05-05T10:15Z', '2026-05-05T11:15Z'],
    ['day', 'UTC', '2026-05-05T10:20:30Z', '2026-05-05T00:00Z', '2026-05-06T00:00Z'],
    ['day', 'Europe/Paris', '2026-05-05T22:30:00Z', '2026-05-05T22:00Z', '2026-05-06T22:00Z'],
    ['week', 'UTC', '2026-05-05T10:20:30Z', '2026-05-04T00:00Z', '2026-05-11T00:00Z'],
    ['week', 'UTC', '2026-05-03T23:59:59Z', '2026-04-27T00:00Z', '2026-05-04T00:00Z'],
    ['week', 'UTC', '1970-01-01T00:00:00Z', '1969-12-29T00:00Z', '1970-01-05T00:00Z'],
    ['month', 'UTC', '2024-02-10T00:00:00Z', '2024-02-01T00:00Z', '2024-03-01T00:00Z'],
    ['month', 'UTC', '2026-12-31T23:59:59Z', '2026-12-01T00:00Z', '2027-01-01T00:00Z'],
    ['month', 'Europe/Paris', '2026-03-31T22:00:00Z', '2026-03-31T22:00Z', '2026-04-30T22:00Z'],
    ['year', 'UTC', '2024-06-01T00:00:00Z', '2024-01-01T00:00Z', '2025-01-01T00:00Z'],
    ['year', 'Pacific/Auckland', '2026-01-01T00:00:00Z', '2025-12-31T11:00Z', '2026-12-31T11:00Z'],
  ])('cuts a %s in %s', (unit, zone, instant, start, end) => {
    expect(windowOf(unit, zone, instant)).toEqual([start, end])
  })

  it.each<[string, CalendarUnit, string, string, string, string]>([
    // Cairo, 2026-04-24: midnight does not exist, the day begins at 01:00 and has 23 hours.
    ['Africa/Cairo', 'day', '2026-04-24T12:00:00Z', '2026-04-23T22:00Z', '2026-04-24T21:00Z', 'short day'],
    ['Africa/Cairo', 'day', '2026-04-23T12:00:00Z', '2026-04-22T22:00Z', '2026-04-23T22:00Z', 'day before'],
    // Cairo, 2026-10-29: the hour before midnight comes twice.
    ['Africa/Cairo', 'day', '2026-10-29T12:00:00Z', '2026-10-28T21:00Z', '2026-10-29T22:00Z', 'long day'],
    ['Africa/Cairo', 'hour', '2026-10-29T20:30:00Z', '2026-10-29T20:00Z', '2026-10-29T21:00Z', 'first 23 h'],
    ['Africa/Cairo', 'hour', '2026-10-29T21:30:00Z', '2026-10-29T21:00Z', '2026-10-29T22:00Z', 'second 23 h'],
    // Lord Howe moves by half an hour: at 02:00 of 2026-04-05 back, at 02:00 of 2026-10-04 forward.
    [
      'Australia/Lord_Howe',
      'day',
      '2026-04-05T00:00:00Z',
      '2026-04-04T13:00Z',
      '2026-04-05T13:30Z',
      '24.5 h',
    ],
    [
      'Australia/Lord_Howe',
      'hour',
      '2026-04-04T14:59:00Z',
      '2026-04-04T14:00Z',
      '2026-04-04T15:00Z',
      'before',
    ],
    ['Australia/Lord_Howe', 'hour', '2026-04-04T15:10:00Z', '2026-04-04T15:00Z', '2026-04-04T15:30Z', 'half'],
    [
      'Australia/Lord_Howe',
      'hour',
      '2026-04-04T15:40:00Z',
      '2026-04-04T15:30Z',
      '2026-04-04T16:30Z',
      'after',
    ],
    [
      'Australia/Lord_Howe',
      'hour',
      '2026-10-03T15:20:00Z',
      '2026-10-03T14:30Z',
      '2026-10-03T15:30Z',
      'before',
    ],
    ['Australia/Lord_Howe', 'hour', '2026-10-03T15:40:00Z', '2026-10-03T15:30Z', '2026-10-03T16:00Z', 'half'],
    // Apia went over the date line: 2011-12-30 never was.
    ['Pacific/Apia', 'day', '2011-12-30T09:59:59Z', '2011-12-29T10:00Z', '2011-12-30T10:00Z', '29th'],
    ['Pacific/Apia', 'day', '2011-12-30T10:00:00Z', '2011-12-30T10:00Z', '2011-12-31T10:00Z', '31st'],
    ['Pacific/Apia', 'week', '2011-12-30T10:00:00Z', '2011-12-26T10:00Z', '2012-01-01T10:00Z', 'six days'],
    ['Pacific/Apia', 'month', '2011-12-15T00:00:00Z', '2011-12-01T10:00Z', '2011-12-31T10:00Z', '30 days'],
    ['Europe/Paris', 'day', '2026-03-29T12:00:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z', '23 h'],
    ['Europe/Paris', 'day', '2026-10-25T12:00:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z', '25 h'],
    ['Europe/Paris', 'hour', '2026-10-25T00:30:00Z', '2026-10-25T00:00Z', '2026-10-25T01:00Z', 'first 02 h'],
    ['Europe/Paris', 'hour', '2026-10-25T01:30:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z', 'second 02 h'],
    ['Europe/Paris', 'week', '2026-10-25T12:00:00Z', '2026-10-18T22:00Z', '2026-10-25T23:00Z', '7 d and 1 h'],
  ])('follows the clocks of %s: a %s at %s is %s to %s (%s)', (zone, unit, instant, start, end) => {
    expect(windowOf(unit, zone, instant)).toEqual([start, end])
  })

  it('covers time without gap or overlap, to the microsecond', () => {
    const calendars = [
      'UTC',
      'Africa/Cairo',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'Europe/Paris',
      'Asia/Kathmandu',
    ].flatMap((zone) => units.map((unit) => new Calendar(unit, zone)))
    // Around the changes of clocks, and anywhere from 1975 to 2070.
    const changes = ['2026-03-29T01:00Z', '2026-04-04T15:00Z', '2026-04-23T22:00Z', '2011-12-30T10:00Z'].map(
      us,
    )
    const near = fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -(2 ** 38), max: 2 ** 38 }))
      .map(([change, by]) => change + by)
    const instants = fc.oneof(
      near,
      fc.integer({ min: us('1975-01-01T00:00Z'), max: us('2070-01-01T00:00Z') }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...calendars), instants, (calendar, now) => {
        const { start, end } = calendar.seek(now)
        expect(start <= now && now < end).toBe(true)
        expect(calendar.seek(start)).toEqual({ start, end })
        expect(calendar.seek(end - 1)).toEqual({ start, end })
        expect(calendar.seek(start - 1).end).toBe(start)
        expect(calendar.seek(end).start).toBe(end)
      }),
      { numRuns: 400 },
    )
  })

  it('keeps a window it has found until that is over', () => {
    const calendar = new Calendar('hour', 'UTC')
    const found: CalendarWindow = calendar.seek(us('2026-01-01T00:30Z'))
    expect(calendar.seek(us('2026-01-01T00:59Z'))).toBe(found)
    expect(calendar.seek(us('2025-12-31T23:59Z'))).not.toBe(found)
  })

  it.each<[CalendarUnit, string, string, readonly string[]]>([
    ['day', 'UTC', '2026-05-05T10:20Z', ['2026-05-04', '2026-05-05', '2026-05-06', '2026-05-07']],
    ['month', 'UTC', '2026-02-10T00:00Z', ['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01']],
  ])('tells the edges around a %s in %s at %s', (unit, zone, instant, edges) => {
    const calendar = new Calendar(unit, zone)
    const found = calendar.edges(us(instant))
    expect(found.map(iso)).toEqual(edges.map((edge) => `${edge}T00:00Z`))
    expect(calendar.edges(us(instant) + 1)).toBe(found)
  })

  it.each(['', 'Mars/Base', 'Europe/Paris; DROP', '__proto__', 'x'.repeat(10_000)])(
    'refuses the zone %j',
    (zone) => {
      expect(() => new Calendar('day', zone)).toThrow(
        expect.objectContaining({
          code: 'invalid-rule',
          message: expect.stringContaining('is not a time zone'),
        }),
      )
    },
  )
})

const units: CalendarUnit[] = ['minute', 'hour', 'day', 'week', 'month', 'year']
