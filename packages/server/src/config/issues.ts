import type { z } from 'zod'
import type { Mistake, Path } from './config-error.ts'
import { show, unknownName } from './unknown-name.ts'

/** One finding of the schema. */
export type ShapeIssue = z.core.$ZodIssue

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

/** The sentence about unknown keys of one map. */
export function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  return keys.map((key) => unknownName('key', key, known)).join(', ')
}

/** The sentence about one finding; undefined keeps the schema's own. */
export function explain(issue: z.core.$ZodRawIssue): string | undefined {
  const { input } = issue
  if (input === undefined) return 'is missing'
  if (input === null) return 'is empty; give it a value, or remove it'
  if (issue.code === 'invalid_type') return `${show(input)} is not ${words[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value') return notOneOf(input, issue.values)
  if (issue.code === 'invalid_union') return `${show(input)} does not belong here`
  if (issue.code === 'too_small') return tooSmall(input, issue.minimum)
  if (issue.code === 'too_big') return tooBig(input, issue.maximum)
  return undefined
}

function tooSmall(input: unknown, minimum: number | bigint): string {
  if (Array.isArray(input)) return 'the list is empty'
  if (input === '') return 'is empty; give it a value, or remove it'
  return `${show(input)} is less than ${minimum}`
}

function tooBig(input: unknown, maximum: number | bigint): string {
  if (Array.isArray(input)) return `the list has ${input.length} entries; at most ${maximum} are taken`
  if (typeof input === 'string') return `${show(input)} has more than ${maximum} characters`
  return `${show(input)} is more than ${maximum}`
}

/** Findings with their paths from the root; of a choice between forms only what is wrong with the one meant. */
export function flatten(issue: ShapeIssue, base: Path = []): Mistake[] {
  const path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
  if (issue.code === 'unrecognized_keys') {
    return [{ path: [...path, ...issue.keys.slice(0, 1)], message: issue.message }]
  }
  if (issue.code !== 'invalid_union') return [{ path, message: issue.message }]
  const meant = issue.errors.find((branch) => branch.length > 0 && !branch.some(isOtherForm))
  return meant?.flatMap((one) => flatten(one, path)) ?? [{ path, message: issue.message }]
}

function isOtherForm({ code, path }: ShapeIssue): boolean {
  return (
    path.length === 0 && (code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union')
  )
}

function notOneOf(input: unknown, values: readonly unknown[]): string {
  const known = values.map(String)
  return known.length === 1
    ? `${show(input)} is not ${known[0]}`
    : `${show(input)} is not one of ${known.join(', ')}`
}
