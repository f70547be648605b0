import type { Effort } from './suite.ts'

/** What this process was told. */
export function readParams<P>(): P & Effort {
  return JSON.parse(process.argv[2] ?? '{}') as P & Effort
}

/** Hands one number to the harness. */
export function report(value: number): void {
  console.log(JSON.stringify({ value }))
}
