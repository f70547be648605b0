import { type Duration, parseWindow, type Window } from './duration.ts'
import { wrongRule } from './errors.ts'
import { checkFields, isRecord, isWhole } from './validate.ts'

/** Units per window: `100/min`, `5/15m` (5 units per 15 minutes), or `{ limit: 100, window: '1m' }`. */
export type Rate = string | { readonly limit: number; readonly window: Duration }

/** A parsed rate: units per window. */
export interface ParsedRate {
  readonly limit: number
  readonly window: Window
}

const hint = 'write a whole number per window, such as 100/min, 5/15m or { limit: 100, window: "1m" }'

/** Parses a rate, whose limit is a safe integer ≥ 0. Anything else is an `invalid-rule` error at `path`. */
export function parseRate(value: Rate, path: string): ParsedRate {
  if (isRecord(value)) {
    checkFields(value, ['limit', 'window'], path)
    return {
      limit: checkLimit(value.limit, `${path}.limit`),
      window: parseWindow(value.window, `${path}.window`),
    }
  }
  const match = typeof value === 'string' ? /^\s*([0-9]{1,16})\s*\/\s*(.+)$/.exec(value) : null
  if (match === null) throw wrongRule(value, `is not a rate; ${hint}`, path)
  return { limit: checkLimit(Number(match[1]), path), window: parseWindow(match[2] ?? '', path) }
}

function checkLimit(limit: unknown, path: string): number {
  if (isWhole(limit, 0)) return limit
  const fix = 'a limit is a whole number from 0 (deny all) to 2^51, or the most that its algorithm takes'
  throw wrongRule(limit, `is not a limit; ${fix}`, path)
}
