import { getOrAdd } from '../core/get-or-add.ts'
import type { Policy } from './compile-policy.ts'
import type { Request } from './matcher.ts'

const PATH = '\0path'

/**
 * Each policy is indexed by whichever of its conditions the fewest other policies share; matching costs one lookup per
 * indexed attribute. A condition is an attribute, or `\0path` with a number of segments, and the value it must have.
 */
export class PolicyIndex {
  readonly #policies: readonly Policy[]
  /** Positions of policies without conditions. */
  readonly #always: number[] = []
  readonly #names = new Set<string>()
  /** Positions of policies by the condition they are filed under. */
  readonly #filed = new Map<string, number[]>()

  constructor(policies: readonly Policy[]) {
    this.#policies = policies
    const all = policies.map(conditions)
    const shared = new Map<string, number>()
    for (const one of all.flat(2)) shared.set(textOf(one), (shared.get(textOf(one)) ?? 0) + 1)
    const crowd = (list: readonly Condition[]): number =>
      Math.max(...list.map((one) => shared.get(textOf(one)) as number))
    all.forEach((lists, position) => {
      const [best] = lists.sort((a, b) => crowd(a) - crowd(b))
      if (best === undefined) this.#always.push(position)
      for (const one of best ?? []) {
        this.#names.add(one[0])
        getOrAdd(this.#filed, textOf(one), () => [] as number[]).push(position)
      }
    })
  }

  /** Policies whose match the request meets, in the order of the configuration. */
  matching(request: Request): Policy[] {
    const found = new Set(this.#always)
    for (const name of this.#names) {
      const value = name.startsWith(PATH)
        ? request.segments.slice(0, Number(name.slice(PATH.length))).join('/')
        : request.text(name)
      for (const position of this.#filed.get(textOf([name, value])) ?? []) found.add(position)
    }
    return [...found]
      .sort((a, b) => a - b)
      .map((position) => this.#policies[position] as Policy)
      .filter((policy) => policy.matcher.test(request))
  }
}

type Condition = readonly [name: string, value: string | undefined]

/** Where a condition is filed; one that looks like another costs a test, never a match. */
function textOf(condition: Condition): string {
  return condition.join('\0')
}

/** Conditions of a policy in lists, of each of which a matching request meets one. */
function conditions({ matcher: { valuesByAttribute, paths } }: Policy): Condition[][] {
  const lists = [...valuesByAttribute].map(([name, values]) =>
    Array.from(values, (value): Condition => [name, value]),
  )
  const begins = paths.map((pattern): Condition => {
    const stars = pattern.findIndex((segment) => segment.startsWith('*'))
    const begin = stars < 0 ? pattern : pattern.slice(0, stars)
    return [PATH + begin.length, begin.join('/')]
  })
  // A pattern that begins with a star is no condition to look for.
  return [...lists, begins].filter((list) => list.length > 0 && list.every(([, value]) => value))
}
