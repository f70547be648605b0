/** Calendar windows by walking: a window is the run of instants around `now` whose local date reads alike. */

interface Span {
  readonly start: bigint
  readonly end: bigint
}

const MINUTE_MS = 60_000
// Every zone of this century changes its offset, and begins its days, on a quarter of an hour.
const QUARTER_MS = 15 * MINUTE_MS
const DAY_MS = 24 * 60 * MINUTE_MS
const KEPT = 64

const formats = new Map<string, Intl.DateTimeFormat>()
const found = new Map<string, Span[]>()

export function calendarWindowOf(unit: string, timezone: string, nowUs: bigint): Span {
  const id = `${unit} ${timezone}`
  const spans = found.get(id) ?? []
  found.set(id, spans)
  const known = spans.find(({ start, end }) => start <= nowUs && nowUs < end)
  if (known !== undefined) return known
  const span = walk(unit, timezone, Number(nowUs / 1000n))
  spans.unshift(span)
  if (spans.length > KEPT) spans.pop()
  return span
}

function walk(unit: string, timezone: string, nowMs: number): Span {
  const step = unit === 'minute' ? MINUTE_MS : QUARTER_MS
  const label = labelOf(unit, timezone, nowMs)
  let start = nowMs - (nowMs % step)
  let end = start + step
  // Nobody's week, month or year is interrupted, so whole days are taken in one step; the edge is not.
  const leaps = unit !== 'minute' && unit !== 'hour' && unit !== 'day'
  while (leaps && labelOf(unit, timezone, start - DAY_MS) === label) start -= DAY_MS
  while (leaps && labelOf(unit, timezone, end + DAY_MS) === label) end += DAY_MS
  while (labelOf(unit, timezone, start - 1) === label) start -= step
  while (labelOf(unit, timezone, end) === label) end += step
  if (labelOf(unit, timezone, start) !== label || labelOf(unit, timezone, end - 1) !== label) {
    throw new Error(`an edge of ${unit} in ${timezone} near ${nowMs} lies between two steps of the walk`)
  }
  return { start: BigInt(start) * 1000n, end: BigInt(end) * 1000n }
}

/** What the wall calendar shows, cut to the unit; hours and minutes also tell the two sides of a clock change apart. */
function labelOf(unit: string, timezone: string, ms: number): string {
  // `12/31/2026, 23:59:59 GMT+01:00`
  const text = format(timezone).format(ms)
  const [date = '', time = '', offset = ''] = text.split(/,? /)
  const [month = '', day = '', year = ''] = date.split('/')
  if (unit === 'year') return year
  if (unit === 'month') return `${year}-${month}`
  if (unit === 'day') return `${year}-${month}-${day}`
  if (unit === 'week') {
    const days = Date.parse(`${year.padStart(4, '0')}-${month}-${day}T00:00:00Z`) / DAY_MS
    // 1969-12-29, three days before the epoch, was a Monday.
    return String(Math.floor((days + 3) / 7))
  }
  const [hour = '', minute = ''] = time.split(':')
  return `${year}-${month}-${day} ${hour}${unit === 'minute' ? `:${minute}` : ''} ${offset}`
}

function format(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  })
  formats.set(timeZone, made)
  return made
}
