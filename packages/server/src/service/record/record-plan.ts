import { listAttributes, policyAttributes } from 'headgate/policies'
import type { Configuration } from '../configuration.ts'
import { isLimitAttribute } from '../envoy/limit-domains.ts'
import { GATE_ATTRIBUTE } from '../gates.ts'
import { isShownEntry } from '../shown-entries.ts'
import { isShown } from '../shown-explanation.ts'
import type { RecordOptions } from './record-options.ts'

/** What is recorded of requests, decided once: the same in all threads, and under every configuration that comes into force meanwhile. */
export interface RecordPlan extends RecordOptions {
  /** Attributes of which there is a hash, and entries of descriptors, as `descriptor.tenant`. */
  readonly hashed: readonly string[]
  /** Attributes of which there is the value where it is a whole number, since policies take it as the cost. */
  readonly costs: readonly string[]
  /** Whether of all identities there are hashes alone. */
  readonly hashesKeys: boolean
}

/** What stays readable where keys are hashed: what a request is for, and not whose it is. */
const OF_NOBODY: readonly string[] = ['path', 'method', 'host', 'domain']
/** The status of a response, where it decides what is counted. */
export const STATUS = 'status'
const DESCRIPTOR = 'descriptor'
/** Entries of descriptors are named so. */
const OF_ENTRY = `${DESCRIPTOR}.`

type Planned = Pick<Configuration, 'policies' | 'allow' | 'deny' | 'identity' | 'hashKeys'>

/** Plans a recording under a configuration: attributes that it does not name, and that explanations do not show, are left out. */
export function planRecording(options: RecordOptions, configuration: Planned): RecordPlan {
  const { policies, hashKeys } = configuration
  const costs = policies.flatMap(({ cost }) => (typeof cost === 'string' ? [cost] : []))
  const plan = {
    ...options,
    hashed: options.hash,
    costs: costs.filter((name) => !options.hash.includes(name)),
    hashesKeys: hashKeys !== undefined,
  }
  const drawn = options.sample === null ? [] : [options.sample.attribute]
  const named = [...namesIn(configuration), ...drawn].filter((name) => !isPlain(plan, name))
  const ofIdentities = plan.hashesKeys ? [DESCRIPTOR] : []
  const hashed = new Set([
    ...options.hash,
    ...ofIdentities,
    ...named.filter((name) => !plan.costs.includes(name)),
  ])
  return { ...plan, hashed: [...hashed] }
}

/** Whether there are the values of an attribute, or of an entry of descriptors, as they are. */
export function isPlain(
  { hashed, hashesKeys }: Omit<RecordPlan, keyof RecordOptions>,
  name: string,
): boolean {
  if (hashed.includes(name)) return false
  if (name.startsWith(OF_ENTRY)) {
    return !hashesKeys && !hashed.includes(DESCRIPTOR) && isShownEntry(name.slice(OF_ENTRY.length))
  }
  return name === STATUS || (hashesKeys ? OF_NOBODY.includes(name) : isShown(name))
}

/** Whether the service makes an attribute of others, and makes it anew of what is recorded. */
export function isMade(name: string): boolean {
  return name === GATE_ATTRIBUTE || isLimitAttribute(name)
}

/** Attributes that a configuration names, and those that it makes of requests. */
function namesIn({ policies, allow, deny, identity }: Planned): readonly string[] {
  const asked = policies.flatMap((policy) => [
    ...policyAttributes(policy),
    ...entriesIn(policy.match?.[DESCRIPTOR]),
  ])
  const listed = [allow, deny].flatMap((list) => [...listAttributes(list)])
  const all = [...asked, ...listed, ...Object.keys(identity?.attributes ?? {})]
  return all.filter((name) => !isMade(name) && name !== DESCRIPTOR)
}

function entriesIn(entries: unknown): string[] {
  const keys = [entries ?? []]
    .flat()
    .flatMap((entry) => (typeof entry === 'string' ? entry : Object.keys(Object(entry))))
  return keys.map((key) => OF_ENTRY + key)
}
