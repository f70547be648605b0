/** By how much the wall clock may differ, in milliseconds, before it counts as set: it tells whole ones. */
const APART_MAX_MS = 2

/** Milliseconds since 1970 to the microsecond: of the monotonic clock, put right where the wall clock was set. */
export function wallTimeMs(): () => number {
  let offsetMs = performance.timeOrigin
  return () => {
    const elapsed = performance.now()
    const wall = Date.now()
    if (Math.abs(wall - (offsetMs + elapsed)) > APART_MAX_MS) offsetMs = wall - elapsed
    return Math.round((offsetMs + elapsed) * 1000) / 1000
  }
}
