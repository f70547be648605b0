import type { Ask, Verb, Verdicts } from '../../core/store.ts'

/** One decision on its way to the store. */
export interface Pending {
  readonly verb: Verb
  readonly asks: readonly Ask[]
  /** The time it is to be judged by, in tests; null where the server's clock decides. */
  readonly time: string | null
  readonly resolve: (verdicts: Verdicts) => void
  readonly reject: (reason: unknown) => void
}

/** Sends decisions in one call; answers their verdicts, in order. */
export type SendGroup = (group: readonly Pending[]) => Promise<readonly Verdicts[]>

/** Most decisions, and most rules, in one script call: it must not hold the server up for long. */
const DECISIONS_MAX = 64
const RULES_MAX = 256
/** Calls that a turn's decisions are dealt to, so that server and client work at the same time. */
const PARTS = 3

/**
 * Collects decisions, so that those asked for in one turn of the event loop travel in one script call. Callers need
 * not act in step: while a call is under way, whatever arrives before the loop's check phase is taken along. When
 * none is, waiting for company would only cost time, and what was asked for in the same tick leaves at once.
 */
export class GroupCommit {
  readonly #send: SendGroup
  #pending: Pending[] = []
  #underWay = 0

  constructor(send: SendGroup) {
    this.#send = send
  }

  /** Queues a decision for the next call. */
  add(verb: Verb, asks: readonly Ask[], time: string | null): Promise<Verdicts> {
    return new Promise((resolve, reject) => {
      const [first] = this.#pending
      // One call has one time.
      if (first !== undefined && first.time !== time) this.flush()
      if (this.#pending.length === 0) this.#schedule()
      this.#pending.push({ verb, asks, time, resolve, reject })
    })
  }

  /** Sends what waits now, so that something else may follow it. */
  flush(): void {
    const pending = this.#pending
    if (pending.length === 0) return
    this.#pending = []
    const size = Math.min(DECISIONS_MAX, Math.ceil(pending.length / PARTS))
    let group: Pending[] = []
    let rules = 0
    for (const one of pending) {
      const more = one.asks.reduce((sum, { budget }) => sum + budget.rules.length, 0)
      if (group.length === size || (group.length > 0 && rules + more > RULES_MAX)) {
        void this.#dispatch(group)
        group = []
        rules = 0
      }
      group.push(one)
      rules += more
    }
    void this.#dispatch(group)
  }

  #schedule(): void {
    const flush = (): void => this.flush()
    if (this.#underWay === 0) process.nextTick(flush)
    else setImmediate(flush)
  }

  async #dispatch(group: readonly Pending[]): Promise<void> {
    this.#underWay++
    try {
      const verdicts = await this.#send(group)
      this.#underWay--
      for (const [i, { resolve }] of group.entries()) resolve(verdicts[i] as Verdicts)
    } catch (reason) {
      this.#underWay--
      for (const { reject } of group) reject(reason)
    }
  }
}
