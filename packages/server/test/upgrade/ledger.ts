/** What is spent of every budget, by counting alone: it knows nothing of algorithms, versions or stores. */
import type { CountedPolicy } from './policies.ts'

/** A spend that may be given back once. */
export interface Spend {
  readonly policy: CountedPolicy
  readonly user: string
  readonly cost: number
  /** As the service gave it out: a receipt or a reservation. */
  readonly token: string
}

export class UnitLedger {
  readonly #spent = new Map<string, number>()

  /** Units that are left, below 0 in debt. */
  left(policy: CountedPolicy, user: string): number {
    const limits = (user === 'vip' ? policy.vip : undefined) ?? policy.limits
    return Math.min(...limits) - (this.#spent.get(nameOf(policy, user)) ?? 0)
  }

  /** Below 0 gives back. */
  spend(policy: CountedPolicy, user: string, units: number): void {
    const name = nameOf(policy, user)
    this.#spent.set(name, (this.#spent.get(name) ?? 0) + units)
  }

  reset(policy: CountedPolicy, user: string): void {
    this.#spent.set(nameOf(policy, user), 0)
  }
}

function nameOf({ name }: CountedPolicy, user: string): string {
  return `${name} ${user}`
}
