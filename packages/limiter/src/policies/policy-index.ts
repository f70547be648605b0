import { getOrAdd } from '../core/get-or-add.ts'
import type { Policy } from './compile-policy.ts'
import type { RequestAttributes } from './matcher.ts'

/** Names of path conditions; the NUL keeps them apart from attributes. */
const PATH = '\0path'

/**
 * Each policy is indexed by whichever of its conditions the fewest other policies share; matching costs one lookup per
 * indexed attribute. A condition is an attribute and its value, or `\0path3` and the first 3 segments of the path.
 */
export class PolicyIndex {
  readonly #policies: readonly Policy[]
  /** Indices of policies without conditions: they may match any request. */
  readonly #unconditional: number[] = []
  /** Attributes, and lengths of paths, to look up. */
  readonly #names = new Set<string>()
  /** Indices of the policies under each condition. */
  readonly #indicesByCondition = new Map<string, number[]>()

  constructor(policies: readonly Policy[]) {
    this.#policies = policies
    const all = policies.map(conditions)
    const uses = new Map<string, number>()
    for (const condition of all.flat(2)) uses.set(idOf(condition), (uses.get(idOf(condition)) ?? 0) + 1)
    const mostUses = (alternatives: readonly Condition[]): number =>
      Math.max(...alternatives.map((condition) => uses.get(idOf(condition)) as number))
    all.forEach((lists, index) => {
      const [rarest] = lists.sort((a, b) => mostUses(a) - mostUses(b))
      if (rarest === undefined) this.#unconditional.push(index)
      for (const condition of rarest ?? []) {
        this.#names.add(condition[0])
        getOrAdd(this.#indicesByCondition, idOf(condition), () => [] as number[]).push(index)
      }
    })
  }

  /** Policies that match the request, in the order of the configuration. */
  matching(request: RequestAttributes): Policy[] {
    const candidates = new Set(this.#unconditional)
    for (const name of this.#names) {
      const value = name.startsWith(PATH)
        ? request.segments.slice(0, Number(name.slice(PATH.length))).join('/')
        : request.text(name)
      for (const index of this.#indicesByCondition.get(idOf([name, value])) ?? []) candidates.add(index)
    }
    return [...candidates]
      .sort((a, b) => a - b)
      .map((index) => this.#policies[index] as Policy)
      .filter((policy) => policy.matcher.test(request))
  }
}

type Condition = readonly [name: string, value: string | undefined]

/** Where two conditions have the same id, the index finds a candidate too many, which `matcher.test` then drops. */
function idOf(condition: Condition): string {
  return condition.join('\0')
}

/** The conditions of a policy as lists of alternatives: a matching request meets at least one condition of every list. */
function conditions({ matcher: { valuesByAttribute, paths } }: Policy): Condition[][] {
  // A value with a star cannot be looked up, nor can the others beside it.
  const lists = [...valuesByAttribute].flatMap(([name, { exact, globs }]) =>
    globs.length > 0 ? [] : [Array.from(exact, (value): Condition => [name, value])],
  )
  const prefixes = paths.map((pattern): Condition => {
    const firstStar = pattern.findIndex((segment) => segment.startsWith('*'))
    const prefix = firstStar < 0 ? pattern : pattern.slice(0, firstStar)
    return [PATH + prefix.length, prefix.join('/')]
  })
  // A pattern that begins with a star has an empty prefix, which cannot be looked up.
  return [...lists, prefixes].filter((list) => list.length > 0 && list.every(([, value]) => value))
}
