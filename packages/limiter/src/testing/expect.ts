import assert from 'node:assert/strict'
import type { Allowed, Decision, Denied } from '../core/decision.ts'
import { wrong } from '../core/errors.ts'
import { checkAwaited } from './check-awaited.ts'

/**
 * Asserts that a decision allows the request and has these values in these fields. What is no decision, such as a promise of one, is
 * an `invalid-options` error.
 */
export function expectAllowed(
  decision: Decision,
  fields: Partial<Allowed> = {},
): asserts decision is Allowed {
  checkDecision(decision)
  assert.ok(decision.allowed, `expected an allowed decision, got ${brief(decision)}`)
  compare(decision, fields)
}

/**
 * Asserts that a decision denies the request and has these values in these fields, as in
 * `expectLimited(decision, { retryAfterMs: 30_000 })`. What is no decision, such as a promise of one, is an `invalid-options` error.
 */
export function expectLimited(decision: Decision, fields: Partial<Denied> = {}): asserts decision is Denied {
  checkDecision(decision)
  assert.ok(!decision.allowed, `expected a denial, got ${brief(decision)}`)
  compare(decision, fields)
}

function checkDecision(decision: unknown): void {
  checkAwaited(decision, 'decision')
  const { allowed }: Partial<Decision> = decision ?? {}
  if (typeof allowed !== 'boolean')
    throw wrong(decision, 'is not a decision; pass what consume resolves to', 'decision')
}

function compare(decision: Decision, fields: Partial<Decision>): void {
  const actual = Object.fromEntries(
    Object.keys(fields).map((name) => [name, decision[name as keyof Decision]]),
  )
  assert.deepEqual(actual, fields, `of ${brief(decision)}`)
}

function brief({ allowed, reason, rule, remaining, retryAfterMs }: Decision): string {
  const how = allowed ? 'allowed' : 'denied'
  return `${how}: ${reason}, rule ${rule}, remaining ${remaining}, retry after ${retryAfterMs} ms`
}
