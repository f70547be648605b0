/** How long to wait before another try to connect: twice as long each time, with some chance in it. */

export const FIRST_WAIT_MS = 1000
/** No longer than this. */
export const LAST_WAIT_MS = 30_000

/** The wait after one in vain. `random` is from 0 up to 1: pages that lost one service do not all come back at one instant. */
export function nextWaitMs(waitMs: number, random: () => number = Math.random): number {
  return Math.min(LAST_WAIT_MS, Math.round(waitMs * (1.5 + random())))
}
