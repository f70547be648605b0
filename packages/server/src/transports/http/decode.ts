import type { Attributes } from 'headgate'
import { badRequest } from '../../service/describe-failure.ts'
import type { Ask } from '../../service/service.ts'

const ASK_FIELDS = ['attributes', 'key', 'cost', 'policy']
const RESET_FIELDS = ['attributes', 'key', 'policy']

// Bytes that are not UTF-8 would all turn into one replacement character, and keys would meet.
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads JSON from bytes: UTF-8 without a byte order mark. `__proto__` becomes a key like any other. */
export function decodeJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw badRequest('the body begins with a byte order mark; send UTF-8 without one', '')
  }
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (reason) {
    const what = reason instanceof SyntaxError ? 'JSON' : 'UTF-8 text'
    throw badRequest(`the body is not ${what}`, '')
  }
}

/** Reads the body of `consume` and `peek`; nothing is converted, so that `"5"` is no cost. */
export function decodeAsk(body: unknown): Ask {
  const fields = checkFields(body, ASK_FIELDS)
  const ask = { attributes: attributesOf(fields), ...policyOf(fields) }
  return Object.hasOwn(fields, 'cost') ? { ...ask, cost: fields['cost'] } : ask
}

/** Reads the body of `reset`, which has no cost. */
export function decodeReset(body: unknown): Omit<Ask, 'cost'> {
  const fields = checkFields(body, RESET_FIELDS)
  return { attributes: attributesOf(fields), ...policyOf(fields) }
}

type Fields = Readonly<Record<string, unknown>>

function checkFields(body: unknown, known: readonly string[]): Fields {
  if (body === undefined)
    throw badRequest('the body is empty; send { "attributes": { "user": "alice" } }', '')
  if (!isMap(body)) throw badRequest(`the body is ${kindOf(body)}, not an object of ${known.join(', ')}`, '')
  for (const field of Object.keys(body)) {
    if (known.includes(field)) continue
    // The names begin differently, so that two letters tell which of them was meant.
    const near = known.find((name) => name.slice(0, 2) === field.slice(0, 2).toLowerCase())
    const fix = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`
    throw badRequest(`unknown field ${shown(field)}; ${fix}${inside(body, field)}`, cut(field))
  }
  return body
}

/** What looks like an attribute is likely to be one that was put beside the others. */
function inside(body: Fields, field: string): string {
  const isText = typeof body[field] === 'string'
  return isText ? `; attributes belong inside "attributes"` : ''
}

function attributesOf(fields: Fields): Attributes {
  const hasKey = Object.hasOwn(fields, 'key')
  const hasAttributes = Object.hasOwn(fields, 'attributes')
  if (hasKey && hasAttributes) {
    throw badRequest('give "attributes" or "key", not both: a key is short for the attribute "key"', 'key')
  }
  if (hasKey) {
    const key = checkValue(fields['key'], 'key')
    if (key === '') throw badRequest('a key is a text of at least one character', 'key', 'invalid-key')
    return { key }
  }
  const { attributes } = fields
  if (!hasAttributes)
    throw badRequest('say whose request it is: "attributes": { … } or "key": "…"', 'attributes')
  if (!isMap(attributes)) {
    const message = `attributes are an object of names and texts, not ${kindOf(attributes)}`
    throw badRequest(message, 'attributes', 'invalid-key')
  }
  for (const [name, value] of Object.entries(attributes)) checkValue(value, `attributes.${cut(name)}`)
  return attributes as Attributes
}

function checkValue(value: unknown, path: string): string | number {
  if (typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))) return value
  throw badRequest(`${kindOf(value)} identifies nobody; give a text or a whole number`, path, 'invalid-key')
}

function policyOf({ policy }: Fields): { policy?: string } {
  if (policy === undefined) return {}
  if (typeof policy === 'string') return { policy }
  throw badRequest(`a policy is named by a text, not by ${kindOf(policy)}`, 'policy')
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return value === null ? 'null' : 'an object'
  return typeof value === 'string' ? 'a text' : String(value)
}

function shown(text: string): string {
  return JSON.stringify(cut(text))
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
