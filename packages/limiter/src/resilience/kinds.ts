import type { Algorithm } from '../core/algorithm.ts'

const FIXED = new Set(['first-hit', 'epoch', 'calendar'])

/** Whether what is left of a rule is of no use after an edge. */
export function isFixedWindow({ kind }: Algorithm): boolean {
  return FIXED.has(kind)
}
