import type { Policy } from './compile-policy.ts'
import { MatchIndex } from './match-index.ts'
import { ifReadable } from './readable.ts'
import type { RequestAttributes } from './request-attributes.ts'

/** Finds the policies that match a request. Those that refuse nobody stand apart: what only they read must fail no request. */
export class PolicyIndex {
  readonly #positions: ReadonlyMap<Policy, number>
  readonly #refusing: MatchIndex<Policy>
  readonly #counting: readonly Policy[]
  readonly #countingIndex: MatchIndex<Policy>

  constructor(policies: readonly Policy[]) {
    this.#positions = new Map(policies.map((policy, i) => [policy, i]))
    this.#refusing = new MatchIndex(policies.filter(({ canRefuse }) => canRefuse))
    this.#counting = policies.filter(({ canRefuse }) => !canRefuse)
    this.#countingIndex = new MatchIndex(this.#counting)
  }

  /** What matches the request, in the order of the policies. An attribute that is none is an `invalid-key` error. */
  matching(request: RequestAttributes): readonly Policy[] {
    const refusing = this.#refusing.matching(request)
    const counting = this.#countingMatching(request)
    if (counting.length === 0) return refusing
    const positionOf = (policy: Policy): number => this.#positions.get(policy) as number
    return [...refusing, ...counting].sort((a, b) => positionOf(a) - positionOf(b))
  }

  #countingMatching(request: RequestAttributes): readonly Policy[] {
    if (this.#counting.length === 0) return this.#counting
    return (
      ifReadable(() => this.#countingIndex.matching(request)) ??
      this.#counting.filter(({ matcher }) => ifReadable(() => matcher.test(request)))
    )
  }
}
