import type { Decision } from 'headgate'
import type { Fields } from './ask.ts'
import type { Connection } from './connection-of.ts'
import { refusal } from './service-failures.ts'

/** A decision as the service answers it. */
export type ShownDecision = Omit<Decision, 'receipt'> & { readonly id?: string }

/** Takes an answer for a decision; throws where it is none. */
export function readDecision(connection: Connection, fields: unknown): ShownDecision {
  const { allowed, reason, rules, shadow } = (fields ?? {}) as Fields
  const isDecision = typeof allowed === 'boolean' && typeof reason === 'string'
  if (isDecision && Array.isArray(rules) && Array.isArray(shadow)) return fields as ShownDecision
  throw refusal(connection, 200, null)
}
