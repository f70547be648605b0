import { HeadgateError, show } from '../core/errors.ts'
import { FIELD_VALUE_MAX, FIELDS_MAX, isFieldName, isFramingField } from '../core/header-field.ts'
import type { HeaderFields } from '../core/policy-answer.ts'
import type { ScriptDecision } from './script-decision.ts'

/**
 * Reads `['allow' | 'deny', [header values], ...extra]`. `names` are those of the values by position; a value that is a pair
 * brings its own. Anything else is a `store-unavailable` error that says what came.
 */
export function readScriptReply(reply: unknown, names: readonly string[]): ScriptDecision {
  if (!Array.isArray(reply)) throw wrongReply(`is ${show(reply)}`)
  const [verdict, values, ...extra] = reply as unknown[]
  const word = scriptText(verdict)
  if (word !== 'allow' && word !== 'deny') {
    throw wrongReply(`has ${show(word ?? verdict)} where 'allow' or 'deny' belongs`)
  }
  if (!Array.isArray(values)) throw wrongReply(`has ${show(values)} where the header values belong`)
  const allowed = word === 'allow'
  const reason = allowed ? 'within-limit' : 'limited'
  return { allowed, reason, source: 'store', headers: readFields(values, names), extra, error: null }
}

/** The text in a reply, of clients that give texts, numbers or bytes; null for anything else. */
export function scriptText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : null
}

function readFields(values: readonly unknown[], names: readonly string[]): HeaderFields {
  if (values.length > FIELDS_MAX) {
    throw wrongReply(`has ${values.length} header values; ${FIELDS_MAX} are the most`)
  }
  const fields: Record<string, string> = {}
  values.forEach((item: unknown, i) => {
    // `false` in Lua, for a field that this answer does not have.
    if (item === null) return
    const [name, value] = Array.isArray(item) ? (item as unknown[]) : [names[i], item]
    fields[readName(name, i)] = readValue(value, i)
  })
  return fields
}

function readName(given: unknown, i: number): string {
  if (given === undefined) {
    throw wrongReply(
      `has a header value ${i + 1} without a name; add one to headers, or reply { name, value }`,
    )
  }
  const name = scriptText(given)?.toLowerCase() ?? ''
  if (isFieldName(name) && !isFramingField(name)) return name
  throw wrongReply(`names a header field ${show(given)}, which it cannot set`)
}

/** One line, printable and not too long: what a script puts into a header may come from a client. */
function readValue(given: unknown, i: number): string {
  const text = scriptText(given)
  if (text === null)
    throw wrongReply(`has ${show(given)} as header value ${i + 1}, which is no text or number`)
  return text
    .slice(0, FIELD_VALUE_MAX)
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
}

function wrongReply(problem: string): HeadgateError {
  const form = "return { 'allow' or 'deny', { header values }, ... }"
  return new HeadgateError('store-unavailable', `The reply of the script ${problem}; ${form}`)
}
