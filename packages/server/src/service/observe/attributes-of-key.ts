import { type Attributes, HeadgateError, type PolicyOptions } from 'headgate'
import type { BudgetsOf } from './budgets-of.ts'
import { BY_ADDRESS, EVERYBODY, plainKey, splitKey } from './key-parts.ts'

/** A key as it is shown, of a policy. */
export interface ShownKeyOf {
  readonly policy: string
  readonly key: string
}

const UNTOLD =
  'this key does not tell its attributes: it is hashed, stands for what may be a secret, was cut, or is none of this policy; give the attributes themselves'

/** Begins the name of one entry of a descriptor. */
const OF_ENTRY = 'descriptor.'

/**
 * The attributes that a key stands for, by which its budget is named again; throws `invalid-key` where it does not tell them: it is
 * hashed, hides a secret, or was cut.
 */
export function attributesOfKey(
  budgets: Pick<BudgetsOf, 'of' | 'policy'>,
  { policy, key }: ShownKeyOf,
): Attributes {
  const attributes = readAttributes(budgets.policy(policy), key)
  // Whatever they were read from: they are of use where they lead to this key, and to no other.
  const leadsThere =
    attributes !== null && budgets.of({ who: attributes, policy }).some((one) => one.key === key)
  if (leadsThere) return attributes
  throw new HeadgateError('invalid-key', UNTOLD, { path: 'key' })
}

function readAttributes(options: PolicyOptions | undefined, key: string): Attributes | null {
  if (options === undefined) return null
  if (key === EVERYBODY) return {}
  if (key.startsWith(BY_ADDRESS)) return { ip: key.slice(BY_ADDRESS.length) }
  const names = [options.key ?? 'key'].flat()
  const parts = splitKey(key, names.length)
  if (parts === null) return null
  const values = names.map((name, i) => ({
    name,
    value: names.length > 1 ? (parts[i] as string) : plainKey(key),
  }))
  const descriptor = values.flatMap(({ name, value }) =>
    name.startsWith(OF_ENTRY) ? [{ key: name.slice(OF_ENTRY.length), value }] : [],
  )
  const others = values.filter(({ name }) => !name.startsWith(OF_ENTRY))
  return {
    ...Object.fromEntries(others.map(({ name, value }) => [name, value])),
    ...(descriptor.length > 0 && { descriptor }),
  }
}
