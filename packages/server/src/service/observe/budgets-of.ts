import { isDeepStrictEqual } from 'node:util'
import type { KeyView, PolicyOptions } from 'headgate'
import type { DecidedRequest } from '../events.ts'
import type { Service } from '../service.ts'
import { shownKey } from './shown-key.ts'

/** A key as it may be kept, and its policy as it was then: undefined for what came with a call. */
export interface ShownBudget extends KeyView {
  readonly options: PolicyOptions | undefined
}

/** The budgets of requests that were decided, as they may be kept. */
export class BudgetsOf {
  readonly #service: Pick<Service, 'keysOf'>
  #policies: ReadonlyMap<string, PolicyOptions>
  /** While other policies come into force: those, by which keys are found out already. */
  #next: ReadonlyMap<string, PolicyOptions> | null = null

  constructor(service: Pick<Service, 'keysOf'>, policies: readonly PolicyOptions[]) {
    this.#service = service
    this.#policies = byName(policies)
  }

  /** Takes other policies into account, once what happened under those of before is counted. */
  replace(policies: readonly PolicyOptions[], countFormer: () => void): void {
    this.#next = byName(policies)
    countFormer()
    this.#policies = this.#next
    this.#next = null
  }

  policy(name: string): PolicyOptions | undefined {
    return this.#policies.get(name)
  }

  /** Names of the policies that are in force. */
  names(): string[] {
    return [...this.#policies.values()].filter(({ mode }) => mode !== 'off').map(({ name }) => name)
  }

  of({ who, policy }: DecidedRequest): ShownBudget[] {
    try {
      const keys = this.#service.keysOf(who, policy === undefined ? {} : { policy })
      return keys.flatMap((view) => {
        const options = this.#policies.get(view.policy)
        // A key of other attributes is not what was decided on, and may be a secret where the former was none.
        const isAnother = this.#next !== null && !isSameKey(options, this.#next.get(view.policy))
        return isAnother ? [] : [{ ...shownKey(view, options), options }]
      })
    } catch {
      // By other policies than those that decided, it need not be readable any more.
      return []
    }
  }
}

function isSameKey(a: PolicyOptions | undefined, b: PolicyOptions | undefined): boolean {
  return isDeepStrictEqual(a?.key, b?.key)
}

function byName(policies: readonly PolicyOptions[]): ReadonlyMap<string, PolicyOptions> {
  return new Map(policies.map((policy) => [policy.name, policy]))
}
