import { suggest } from 'headgate/errors'
import { maskUrl } from './mask-url.ts'

/** The sentence about a name that does not belong: `unknown rule "limt" (did you mean "limit"?)`. */
export function unknownName(what: string, name: string, known: readonly string[]): string {
  return `unknown ${what} ${show(name)}${suggest(name, known)}`
}

/** A short picture of a wrong value for a message: quoted, cut at 60 characters. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.includes('://') ? maskUrl(value) : value
    return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
  }
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a map'
  return String(value)
}
