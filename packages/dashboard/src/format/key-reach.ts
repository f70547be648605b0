/** Whose budgets a call reaches: bodies of `usage`, `reset` and `block`, made of what a person typed or the service showed. */
import type { BudgetName, ListedPolicy } from '../live/admin-answers.ts'
import { keyText, type ReadKey, readKey } from './read-key.ts'

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

/**
 * Reads attributes as a person types them: `user=alice ip=192.0.2.7`, or `name="a b"` with blanks. Answers what is wrong as
 * a sentence.
 */
export function readAttributes(text: string): Readonly<Record<string, string>> | string {
  const found = [...text.matchAll(/([^\s="]+)=(?:"([^"]*)"|([^\s"]+))(?=\s|$)/g)]
  const rest = found.reduce((left, [all]) => left.replace(all, ''), text).trim()
  if (rest !== '') return `“${rest}” is no attribute: write name=value, as in user=alice`
  if (found.length === 0) return 'Write at least one attribute, as in user=alice'
  return Object.fromEntries(found.map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']))
}
