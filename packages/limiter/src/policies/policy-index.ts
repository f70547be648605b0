import { getOrAdd } from '../core/get-or-add.ts'
import type { Request } from './matcher.ts'
import type { Policy } from './policy.ts'

const PATH = '\0path'

/**
 * Finds the policies that may match without looking at all of them: each is filed under the conditions of its that
 * fewest others share, and a request is looked up once a filed attribute. A condition is written as an attribute,
 * or `\0path` with a number of segments, and the value it must have.
 */
export class PolicyIndex {
  readonly #always: Policy[] = []
  /** Policies by the name of a condition, then by its value. */
  readonly #filed = new Map<string, Map<string, Set<Policy>>>()
  readonly #order: ReadonlyMap<Policy, number>

  constructor(policies: readonly Policy[]) {
    this.#order = new Map(policies.map((policy, i) => [policy, i]))
    const shared = new Map<string, number>()
    for (const condition of policies.flatMap((policy) => conditions(policy).flat())) {
      const text = condition.join('\0')
      shared.set(text, (shared.get(text) ?? 0) + 1)
    }
    const crowd = (entries: readonly Condition[]): number =>
      Math.max(...entries.map((condition) => shared.get(condition.join('\0')) ?? 0))
    for (const policy of policies) {
      const [best] = conditions(policy).sort((a, b) => crowd(a) - crowd(b))
      if (best === undefined) this.#always.push(policy)
      for (const [name, value] of best ?? []) {
        const byValue = getOrAdd(this.#filed, name, () => new Map<string, Set<Policy>>())
        getOrAdd(byValue, value, () => new Set<Policy>()).add(policy)
      }
    }
  }

  /** Policies whose match the request meets, in the order of the configuration. */
  matching(request: Request): Policy[] {
    const found = new Set(this.#always)
    for (const [name, byValue] of this.#filed) {
      const value = name.startsWith(PATH)
        ? pathBegin(request, Number(name.slice(PATH.length)))
        : request.text(name)
      for (const policy of (value !== undefined && byValue.get(value)) || []) found.add(policy)
    }
    const position = (policy: Policy): number => this.#order.get(policy) as number
    return [...found]
      .filter((policy) => policy.matcher.test(request))
      .sort((a, b) => position(a) - position(b))
  }
}

type Condition = readonly [name: string, value: string]

/** Conditions of a policy in lists, of each of which a matching request meets one. */
function conditions({ matcher }: Policy): Condition[][] {
  const exact = [...matcher.exact].map(([name, values]) =>
    Array.from(values, (value): Condition => [name, value]),
  )
  const begins = matcher.paths.map(literalBegin)
  if (begins.length === 0 || begins.some((begin) => begin.length === 0)) return exact
  return [...exact, begins.map((begin): Condition => [PATH + begin.length, begin.join('/')])]
}

function literalBegin(pattern: readonly string[]): readonly string[] {
  const end = pattern.findIndex((segment) => segment === '*' || segment === '**')
  return end < 0 ? pattern : pattern.slice(0, end)
}

function pathBegin({ segments }: Request, length: number): string | undefined {
  return segments.length >= length ? segments.slice(0, length).join('/') : undefined
}
