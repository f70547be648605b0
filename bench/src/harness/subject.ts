import type { Effort, Usage } from './suite.ts'

/** Exit code of a subject that cannot measure what it was asked for. */
export const SKIPPED = 77

/** What this process was told. */
export function readParams<P>(): P & Effort {
  return JSON.parse(process.argv[2] ?? '{}') as P & Effort
}

/** Hands one number to the harness. */
export function report(value: number): void {
  console.log(JSON.stringify({ value }))
}

/** Hands several figures to the harness; see `reading` of a run. */
export function reportAll(values: Readonly<Record<string, number>>, usage?: Usage): void {
  console.log(JSON.stringify({ values, usage }))
}

/** Ends this process: the library does not have what the case is about. */
export function skip(reason: string): never {
  console.error(reason)
  process.exit(SKIPPED)
}
