/** Whose budgets a call reaches: bodies of `usage`, `reset` and `block`, made of what a person typed or the service showed. */
import type { BudgetName, ListedPolicy } from '../live/admin-answers.ts'
import { keyText, type ReadKey, readKey } from './read-key.ts'
import { visibleText } from './visible-text.ts'

/** The body of a call; without a policy all are reached whose key the attributes determine. */
export interface Reach {
  readonly policy?: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly descriptor?: readonly { readonly key: string; readonly value: string }[]
}

const ENTRY = 'descriptor.'

/** The attributes that make the key of a policy, in their order; none for a budget of everybody. */
export function attributesOf(policy: ListedPolicy | undefined): readonly string[] {
  const names = [policy?.key ?? 'key'].flat()
  return names.filter((name) => name !== 'global')
}

/** Reaches one policy by the value of each of its attributes. */
export function reachByValues(policy: string, values: Readonly<Record<string, string>>): Reach {
  const entries = Object.entries(values)
  const attributes = entries.filter(([name]) => !name.startsWith(ENTRY))
  const descriptor = entries
    .filter(([name]) => name.startsWith(ENTRY))
    .map(([name, value]) => ({ key: name.slice(ENTRY.length), value }))
  return {
    policy,
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
    ...(descriptor.length > 0 && { descriptor, ...(attributes.length === 0 && { attributes: {} }) }),
  }
}

/** A key that the service showed, in words. */
export function shownKeyText({ key }: Pick<BudgetName, 'key'>, policy: ListedPolicy | undefined): string {
  return keyText(readShown(key, policy))
}

/** Reads a key that the service showed. */
export function readShown(key: string, policy: ListedPolicy | undefined): ReadKey {
  return readKey(key, Math.max(1, attributesOf(policy).length))
}

/** Whom a call is about, in words: a value by itself, several with the names of their attributes. */
export function reachText({ attributes = {}, descriptor = [] }: Omit<Reach, 'policy'>): string {
  const parts = [
    ...Object.entries(attributes),
    ...descriptor.map(({ key, value }) => [ENTRY + key, value] as const),
  ]
  const [first] = parts
  if (first === undefined) return 'everybody'
  if (parts.length === 1) return visibleText(first[1])
  return parts.map(([name, value]) => `${name}=${visibleText(value)}`).join(' · ')
}
