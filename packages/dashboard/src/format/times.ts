/** Times and lengths of time as people read them. */

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const DAY_MS = 86_400_000

const UNITS = [
  { ms: DAY_MS, name: 'd' },
  { ms: 3_600_000, name: 'h' },
  { ms: 60_000, name: 'min' },
  { ms: 1000, name: 's' },
] as const

/** When something was, in milliseconds since 1970, as a clock of this place shows it: `12:03:04`. */
export function clockText(at: number): string {
  return CLOCK.format(at)
}

/** As `clockText`, with the day where that is another one than that of `now`. */
export function timeText(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString()
  return isToday ? clockText(at) : `${new Date(at).toISOString().slice(0, 10)} ${clockText(at)}`
}

/** A length of time by its two largest units: `850 ms`, `3 s`, `4 min 10 s`, `3 d 4 h`. Waits are rounded up. */
export function spanText(ms: number): string {
  if (ms <= 999) return `${Math.ceil(ms)} ms`
  const seconds = Math.ceil(ms / 1000) * 1000
  const first = UNITS.findIndex((unit) => seconds >= unit.ms)
  const [large, small] = [UNITS[first], UNITS[first + 1]]
  if (large === undefined) return '0 ms'
  const count = Math.floor(seconds / large.ms)
  const rest = small === undefined ? 0 : Math.floor((seconds - count * large.ms) / small.ms)
  return rest === 0 ? `${count} ${large.name}` : `${count} ${large.name} ${rest} ${small?.name}`
}

/** How long something took, in milliseconds: `0.28 ms`, `12 ms`. */
export function tookText(ms: number): string {
  return `${Number(ms.toPrecision(ms < 1 ? 2 : 3))} ms`
}
