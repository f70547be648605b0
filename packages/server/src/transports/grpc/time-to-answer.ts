/** Longest time that a decision waits for the store, whatever the caller says. */
const ANSWER_MAX_MS = 60_000
/** What is left for the way back: a tenth, and at least this. */
const WAY_BACK_MS = 2

/**
 * The answer time by the deadline of a caller: it ends a little before, so that the caller gets the answer of the policy, and
 * not its own timeout. 18 for 20; undefined where it says nothing.
 */
export function timeToAnswer(deadlineMs: number | undefined): { readonly deadlineMs?: number } {
  if (deadlineMs === undefined) return {}
  const left = deadlineMs - Math.max(WAY_BACK_MS, deadlineMs / 10)
  return { deadlineMs: Math.min(ANSWER_MAX_MS, Math.max(1, Math.floor(left))) }
}
