import type { Algorithm } from '../algorithm.ts'
import { bucket } from './bucket.ts'
import { calendarWindow, epochWindow, firstHitWindow } from './fixed-window.ts'
import { slidingLog, slidingWindow } from './sliding-window.ts'

/** Our algorithms by the name they have in rules, `name@align` where a rule aligns its windows. One line adds one. */
const entries: readonly (readonly [name: string, algorithm: object])[] = [
  ['token-bucket', bucket],
  ['gcra', bucket],
  ['leaky-bucket', bucket],
  ['fixed-window', firstHitWindow],
  ['fixed-window@first-hit', firstHitWindow],
  ['fixed-window@epoch', epochWindow],
  ['fixed-window@calendar', calendarWindow],
  ['sliding-window', slidingWindow],
  ['sliding-log', slidingLog],
]

/** Our algorithms by name. */
export const builtIns: ReadonlyMap<string, Algorithm> = new Map(
  entries as readonly (readonly [string, Algorithm])[],
)

/** The algorithm of a rule whose name and field `burst` or none are given. */
export function defaultAlgorithm(hasBurst: boolean): string {
  return hasBurst ? 'token-bucket' : 'sliding-window'
}

/** Whether an algorithm of ours has this name in rules or in state. */
export function isBuiltIn(name: string): boolean {
  return builtIns.has(name) || [...builtIns.values()].some(({ kind }) => kind === name)
}
