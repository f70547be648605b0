import { timeOf } from '../config/time-of.ts'
import { wrongUsage } from '../service/describe-failure.ts'

/** No service waits longer for its end, nor an orchestrator. */
const MAX_MS = 3_600_000

/** Reads the duration of an option, in milliseconds: 0, or 1 ms to 1 h. `said` is the flag or the variable. */
export function readDuration(text: string, said: string): number {
  if (/^0(ms|s)?$/.test(text)) return 0
  const ms = timeOf(text)
  if (ms !== null && ms <= MAX_MS) return ms
  throw wrongUsage(`${JSON.stringify(text)} is no time of at most 1h; give ${said} as 500ms, 5s or 0`)
}
