import { maskUrl } from '../mask-url.ts'
import type { ChangedField } from './changed-fields.ts'

/** Attributes whose values are no secrets. */
const READABLE: readonly string[] = ['path', 'method', 'host', 'domain', 'ip']
/** Fields that hold a secret. */
const SECRET: readonly string[] = ['secret', 'key', 'previousKeys', 'token']
/** The hash of a password, which people choose: whoever has it can try them. */
const PASSWORD_HASH = /^\$(scrypt|argon2id)\$/

/** The sentence about a field, in which no value is that may be a secret. */
export function sayField({ path, before, after }: ChangedField): string {
  if (isSecret(path)) return sayHidden(before, after)
  const name = path.at(-1) ?? ''
  const [was, is] = [before, after].map((value) => say(shown(name, value)))
  return was === is ? 'has changed in a part that is not shown' : `${was} → ${is}`
}

/** A value, of which nothing is left that may be a secret. */
function shown(name: string, value: unknown): unknown {
  if (typeof value === 'string' && PASSWORD_HASH.test(value)) return '***'
  if (name === 'url' && typeof value === 'string') return maskUrl(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, SECRET.includes(key) ? '***' : shown(key, one)]),
  )
}

/** How many values came and went, of those that tell people apart. */
function sayHidden(before: unknown, after: unknown): string {
  if (before === undefined) return 'is new'
  if (after === undefined) return 'is gone'
  const [was, is] = [before, after].map((value) => new Set([value].flat().map((one) => JSON.stringify(one))))
  const added = [...(is ?? [])].filter((one) => !was?.has(one)).length
  const removed = [...(was ?? [])].filter((one) => !is?.has(one)).length
  return `${added} values added, ${removed} removed`
}

function isSecret(path: readonly string[]): boolean {
  if (path[0] === 'receipts' || path[0] === 'jwt' || path[1] === 'service')
    return SECRET.includes(path.at(-1) ?? '')
  const at = path[0] === 'allow' || path[0] === 'deny' ? 0 : path.indexOf('match')
  return at >= 0 && !READABLE.includes(path[at + 1] ?? '')
}

function say(value: unknown): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
