import { describe, expect, it } from 'vitest'
import { Calendar } from '../../core/calendar.ts'
import { calendarEdges } from './calendar-edges.ts'

const us = (text: string): number => Date.parse(text) * 1000
const iso = (at: number): string => new Date(at / 1000).toISOString().replace(':00.000Z', 'Z')

describe('calendarEdges', () => {
  it('tells the edges of the windows before, around and after an instant', () => {
    const calendar = new Calendar('day', 'Europe/Paris')
    const edges = calendarEdges(calendar, us('2026-03-29T12:00Z'))
    expect(edges.map(iso)).toEqual([
      '2026-03-27T23:00Z',
      '2026-03-28T23:00Z',
      '2026-03-29T22:00Z',
      '2026-03-30T22:00Z',
    ])
    expect(calendarEdges(calendar, us('2026-03-29T21:59Z'))).toBe(edges)
    expect(calendarEdges(calendar, us('2026-03-29T22:00Z')).map(iso)[1]).toBe('2026-03-29T22:00Z')
  })
})
