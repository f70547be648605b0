import type { Algorithm } from '../algorithm.ts'
import { bucket } from './bucket.ts'
import { calendarWindow, epochWindow, firstHitWindow } from './fixed-window.ts'
import { slidingLog, slidingWindow } from './sliding-window.ts'

/** The built-in algorithms by their names in rules; `name@align` for rules with `align`. A new one is one line here. */
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

/** The built-in algorithms by name. */
export const builtIns: ReadonlyMap<string, Algorithm> = new Map(
  entries as readonly (readonly [string, Algorithm])[],
)

/** A name that rules have for an algorithm: by its kind alone one is not found again, since two may share it. */
export function nameOfAlgorithm(algorithm: Algorithm): string {
  const [name] = [...builtIns].find(([, one]) => one === algorithm) ?? [algorithm.kind]
  return name
}

/** The name of the algorithm of a rule that names none. */
export function defaultAlgorithm(hasBurst: boolean): string {
  return hasBurst ? 'token-bucket' : 'sliding-window'
}

/** Whether a built-in algorithm has this name, in rules or in stored state. */
export function isBuiltIn(name: string): boolean {
  return builtIns.has(name) || [...builtIns.values()].some(({ kind }) => kind === name)
}
