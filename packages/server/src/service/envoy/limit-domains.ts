import type { Attributes, DescriptorEntry, Who } from 'headgate'
import { wildcardTest } from '../wildcard.ts'
import type { LimitDomain, LimitNode, NodeLimit } from './limit-node.ts'

/** The attribute that names the policy a descriptor belongs to; what `match` of these policies asks for. */
export const LIMIT_ATTRIBUTE = 'envoy.limit'

/** The attribute that is the key of such a policy: one for each, so that whoever has it has the budget of no other. */
export function keyAttribute(policy: string): string {
  return `envoy.key.${policy}`
}

/** Whether an attribute is one of these two, which hold no more than the descriptor does. */
export function isLimitAttribute(name: string): boolean {
  return name === LIMIT_ATTRIBUTE || name.startsWith('envoy.key.')
}

/** The limit of a descriptor, with the attributes by which its policy finds the budget. */
export interface FoundLimit {
  readonly limit: NodeLimit
  readonly attributes: Attributes
}

type Entry = Pick<DescriptorEntry, 'key' | 'value'>

/** Finds the limits of descriptors, however many there are. */
export class LimitDomains {
  readonly #domains: ReadonlyMap<string, Level>

  constructor(domains: readonly LimitDomain[] = []) {
    this.#domains = new Map(domains.map(({ domain, descriptors }) => [domain, new Level(descriptors)]))
  }

  get isEmpty(): boolean {
    return this.#domains.size === 0
  }

  has(domain: string): boolean {
    return this.#domains.has(domain)
  }

  /**
   * The limit of a descriptor: at each entry the node with its very value, else the first wildcard that fits, else the one
   * without a value. There is no way back from a node, and only a limit at the last entry counts.
   */
  find(domain: string, entries: readonly Entry[]): FoundLimit | null {
    let level = this.#domains.get(domain)
    let node: LimitNode | undefined
    const counted: [key: string, value: string][] = []
    for (const { key, value } of entries) {
      const found = level?.find(key, String(value))
      if (found === undefined) return null
      node = found.node
      level = found.next
      // A pattern stands for all values that share a budget.
      counted.push([key, found.isByPattern && node.isShared ? (node.value as string) : String(value)])
    }
    const limit = node?.limit
    if (limit === undefined) return null
    const { policy } = limit
    if (policy === null) return { limit, attributes: {} }
    const key = JSON.stringify(counted)
    return { limit, attributes: { [LIMIT_ATTRIBUTE]: policy, [keyAttribute(policy)]: key } }
  }

  /** Attributes of a request by whichever wire, with those that its `domain` and `descriptor` lead to. */
  complete(who: Who): Who {
    if (this.isEmpty || typeof who === 'string') return who
    const { domain, descriptor } = who
    if (typeof domain !== 'string' || !Array.isArray(descriptor) || !descriptor.every(isEntry)) return who
    const found = this.find(domain, descriptor)
    return found === null ? who : { ...who, ...found.attributes }
  }
}

/** What is wrong with other entries, the library says. */
function isEntry(entry: unknown): entry is Entry {
  return typeof entry === 'object' && entry !== null && 'key' in entry && 'value' in entry
}

interface FoundNode {
  readonly node: LimitNode
  readonly next: Level
  readonly isByPattern: boolean
}

/** Nodes that stand beside each other. */
class Level {
  readonly #byKey = new Map<string, OfKey>()

  constructor(nodes: readonly LimitNode[]) {
    for (const node of nodes) {
      const next = new Level(node.descriptors)
      const ofKey: OfKey = this.#byKey.get(node.key) ?? { exact: new Map(), patterns: [], bare: undefined }
      this.#byKey.set(node.key, ofKey)
      const { value } = node
      if (value === undefined) ofKey.bare = { node, next, isByPattern: false }
      else {
        ofKey.exact.set(value, { node, next, isByPattern: false })
        if (value.includes('*')) {
          ofKey.patterns.push({ test: wildcardTest(value), found: { node, next, isByPattern: true } })
        }
      }
    }
  }

  find(key: string, value: string): FoundNode | undefined {
    const ofKey = this.#byKey.get(key)
    if (ofKey === undefined) return undefined
    const exact = ofKey.exact.get(value)
    return exact ?? ofKey.patterns.find(({ test }) => test(value))?.found ?? ofKey.bare
  }
}

/** Nodes of one key. */
interface OfKey {
  readonly exact: Map<string, FoundNode>
  /** In the order of the file. */
  readonly patterns: { readonly test: (value: string) => boolean; readonly found: FoundNode }[]
  bare: FoundNode | undefined
}
