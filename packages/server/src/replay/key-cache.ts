import type { KeyView } from 'headgate'
import { listAttributes, policyAttributes } from 'headgate/policies'
import type { Configuration } from '../service/configuration.ts'
import type { PlayedRequest } from './played-request.ts'

/** Then it begins anew. */
const REQUESTS_MAX = 20_000
/** Longer ones are found anew each time. */
const LENGTH_MAX = 1024

/**
 * Remembers the keys of requests that are alike in all that policies and lists ask for: finding them takes as long as a decision,
 * and those who are denied mostly ask for the same again.
 */
export class KeyCache {
  readonly #names: readonly string[]
  readonly #find: (request: PlayedRequest) => KeyView[]
  readonly #isUsed: boolean
  readonly #known = new Map<string, readonly KeyView[]>()

  constructor(
    { policies, allow, deny, domains = [] }: Configuration,
    find: (request: PlayedRequest) => KeyView[],
  ) {
    const ofLists = [allow, deny].flatMap((list) => [...listAttributes(list)])
    const ofPolicies = policies.flatMap((policy) => [...policyAttributes(policy)])
    this.#names = [...new Set([...ofLists, ...ofPolicies])]
    this.#find = find
    // Trees of descriptors ask for what no policy names.
    this.#isUsed = domains.length === 0
  }

  of(request: PlayedRequest): readonly KeyView[] {
    if (!this.#isUsed || request.policy !== undefined) return this.#find(request)
    const id = this.#names.map((name) => lengthened(request.who[name])).join('')
    const known = this.#known.get(id)
    if (known !== undefined) return known
    if (this.#known.size >= REQUESTS_MAX) this.#known.clear()
    const found = this.#find(request)
    if (id.length <= LENGTH_MAX) this.#known.set(id, found)
    return found
  }
}

/** With its length, so that no two lists of values are one text. */
function lengthened(value = ''): string {
  return `${value.length}:${value}`
}
