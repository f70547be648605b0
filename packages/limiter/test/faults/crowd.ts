/** The callers of one limiter: each asks for its own key, one question after another. */
import type { Limiter } from '../../src/core/limiter.ts'
import { CALLERS, policyName } from './budgets.ts'
import type { Ledger } from './ledger.ts'

export class Crowd {
  readonly ledger: Ledger
  /** Whether those whom the store answered ask again at once, and do not wait for a beat. */
  hurry = false
  readonly #limiter: Limiter
  readonly #names: readonly string[]
  #waiting: number[] = []
  #running = false

  constructor(limiter: Limiter, ledger: Ledger) {
    this.#limiter = limiter
    this.ledger = ledger
    this.#names = Array.from({ length: CALLERS }, (_, caller) => policyName(ledger.mode, caller))
    this.#waiting = Array.from({ length: CALLERS }, (_, caller) => caller)
  }

  start(): void {
    this.#running = true
  }

  /** Nobody asks again. */
  stop(): void {
    this.#running = false
  }

  /** All who are not waiting for an answer ask. */
  beat(): void {
    if (!this.#running) return
    const callers = this.#waiting
    this.#waiting = []
    for (const caller of callers) this.#ask(caller)
  }

  #ask(caller: number): void {
    const issue = this.ledger.issue(caller)
    this.#limiter.consume('u', { policy: this.#names[caller] as string }).then(
      (decision) => {
        this.ledger.settle(issue, decision)
        this.#rest(caller, this.hurry && decision.source === 'store')
      },
      (reason: unknown) => {
        this.ledger.reject(issue, reason)
        this.#rest(caller, false)
      },
    )
  }

  #rest(caller: number, hurries: boolean): void {
    if (!hurries || !this.#running) this.#waiting.push(caller)
    else setImmediate(() => this.#ask(caller))
  }
}
