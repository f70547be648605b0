import type { Calendar } from '../../core/calendar.ts'

const known = new WeakMap<Calendar, readonly number[]>()

/** Edges of the windows before, around and after `now`: previous start, start, end, end of the next one. */
export function calendarEdges(calendar: Calendar, now: number): readonly number[] {
  const found = known.get(calendar)
  if (found !== undefined && now >= (found[1] as number) && now < (found[2] as number)) return found
  const { start, end } = calendar.seek(now)
  const edges = [calendar.seek(start - 1).start, start, end, calendar.seek(end).end]
  known.set(calendar, edges)
  return edges
}
