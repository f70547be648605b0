import type { Request } from './matcher.ts'
import type { Policy } from './policy.ts'

/** One condition that a matching request must meet: an attribute's value, or the begin of its path. */
interface Entry {
  readonly name: string
  readonly value: string
}

const PATH = '\0path'

/**
 * Finds the policies that may match without looking at all of them: each is filed under the conditions of its that
 * fewest others share, and a request is looked up once a filed attribute.
 */
export class PolicyIndex {
  readonly #always: Policy[] = []
  readonly #filed = new Map<string, Map<string, Policy[]>>()
  readonly #order = new Map<Policy, number>()

  constructor(policies: readonly Policy[]) {
    const shared = new Map<string, number>()
    for (const entries of policies.flatMap(conditions)) {
      for (const { name, value } of entries) count(shared, `${name}\0${value}`)
    }
    policies.forEach((policy, i) => {
      this.#order.set(policy, i)
      const crowd = (entries: readonly Entry[]): number =>
        Math.max(...entries.map(({ name, value }) => shared.get(`${name}\0${value}`) ?? 0))
      const [best] = conditions(policy).sort((a, b) => crowd(a) - crowd(b))
      if (best === undefined) this.#always.push(policy)
      for (const entry of best ?? []) this.#file(entry, policy)
    })
  }

  /** Policies whose match the request meets, in the order of the configuration. */
  matching(request: Request): Policy[] {
    const found = this.#always.filter((policy) => policy.matcher.test(request))
    for (const [name, byValue] of this.#filed) {
      const value = name.startsWith(PATH)
        ? pathBegin(request, Number(name.slice(PATH.length)))
        : request.text(name)
      for (const policy of (value !== undefined && byValue.get(value)) || []) {
        if (policy.matcher.test(request)) found.push(policy)
      }
    }
    if (this.#filed.size > 0) found.sort((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0))
    return found
  }

  #file({ name, value }: Entry, policy: Policy): void {
    const byValue = this.#filed.get(name) ?? new Map<string, Policy[]>()
    this.#filed.set(name, byValue)
    const list = byValue.get(value) ?? []
    byValue.set(value, list)
    if (!list.includes(policy)) list.push(policy)
  }
}

/** Conditions of a policy, any one of which a matching request meets by one of its entries. */
function conditions({ matcher }: Policy): Entry[][] {
  const exact = [...matcher.exact].map(([name, values]) => [...values].map((value) => ({ name, value })))
  const begins = matcher.paths.map(literalBegin)
  const known = begins.length > 0 && begins.every((begin) => begin.length > 0)
  const path = begins.map((begin) => ({ name: PATH + begin.length, value: begin.join('/') }))
  return known ? [...exact, path] : exact
}

function literalBegin(pattern: readonly string[]): readonly string[] {
  const end = pattern.findIndex((segment) => segment === '*' || segment === '**')
  return end < 0 ? pattern : pattern.slice(0, end)
}

function pathBegin(request: Request, length: number): string | undefined {
  return request.segments.length >= length ? request.segments.slice(0, length).join('/') : undefined
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1)
}
