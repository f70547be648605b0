/** How a key stood since it is looked at. */
import type { PolicyUse } from './admin-answers.ts'

/** How many looks are kept, one a second. */
const LOOKS_KEPT = 300

/** What was used of each rule at each look, oldest first, by `courseId`. */
export type KeyCourse = ReadonlyMap<string, readonly number[]>

export function courseId(policy: string, rule: string): string {
  return JSON.stringify([policy, rule])
}

/** Puts one look behind those before. */
export function afterLook(course: KeyCourse, policies: readonly PolicyUse[]): KeyCourse {
  const next = new Map(course)
  for (const { policy, rules } of policies) {
    for (const { rule, used } of rules) {
      const id = courseId(policy, rule)
      next.set(id, [...(next.get(id) ?? []).slice(1 - LOOKS_KEPT), used])
    }
  }
  return next
}
