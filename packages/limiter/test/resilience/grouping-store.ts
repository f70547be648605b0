/** A store that sends decisions in groups, a few groups at a time, as that on Redis does; time is a test's. */
import type { Clock } from '../../src/core/clock.ts'
import type {
  BudgetKey,
  BudgetRequest,
  DecideOptions,
  Grant,
  LeasingStore,
  ProbedStore,
  QueueingStore,
  Refund,
  SyncStore,
  Verb,
  Verdicts,
} from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { down } from './controllable-store.ts'

export interface QueueOptions {
  /** Decisions in a group, groups pending at a time, and microseconds until one is answered. */
  readonly size?: number
  readonly groups?: number
  readonly callUs?: number
}

interface Waiting {
  readonly options: DecideOptions
  readonly carryOut: () => Promise<unknown>
  readonly resolve: (value: never) => void
  readonly reject: (reason: unknown) => void
}

export class GroupingStore implements QueueingStore, LeasingStore, ProbedStore {
  readonly queues = true
  /** `lose` carries out what is sent, but never answers it; `fail` refuses it after its time. */
  manner: 'answer' | 'lose' | 'fail' = 'answer'
  /** Decisions sent, and those skipped since nobody waited for them. */
  sent = 0
  skipped = 0
  /** Longest queue that there was. */
  longest = 0
  readonly inner: SyncStore & LeasingStore
  readonly #clock: Clock
  readonly #options: Required<QueueOptions>
  #waiting: Waiting[] = []
  #pending = 0
  #isScheduled = false

  constructor(clock: Clock, { size = 64, groups = 1, callUs = 1000 }: QueueOptions = {}) {
    this.#clock = clock
    this.#options = { size, groups, callUs }
    this.inner = memoryStore({ clock })
  }

  get queued(): number {
    return this.#waiting.length
  }

  /** Goes on after groups were lost. */
  revive(): void {
    this.manner = 'answer'
    this.#pending = 0
    this.#deal()
  }

  decide(verb: Verb, requests: readonly BudgetRequest[], options: DecideOptions = {}): Promise<Verdicts> {
    return this.#queue(options, () => this.inner.decide(verb, requests))
  }

  acquire(request: BudgetRequest, min: number, options: DecideOptions = {}): Promise<Grant> {
    return this.#queue(options, () => this.inner.acquire(request, min))
  }

  refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return this.inner.refund(refunds)
  }

  reset(keys: readonly BudgetKey[]): Promise<void> {
    return this.inner.reset(keys)
  }

  block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    return this.inner.block(keys, lengthUs)
  }

  ping(): Promise<void> {
    return this.manner === 'answer' ? Promise.resolve() : Promise.reject(down())
  }

  async heartbeat(): Promise<number> {
    return 1
  }

  async close(): Promise<void> {}

  #queue<T>(options: DecideOptions, carryOut: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ options, carryOut, resolve, reject })
      this.longest = Math.max(this.longest, this.#waiting.length)
      if (this.#isScheduled) return
      this.#isScheduled = true
      process.nextTick(() => {
        this.#isScheduled = false
        this.#deal()
      })
    })
  }

  #deal(): void {
    const { groups, size } = this.#options
    while (this.#pending < groups && this.#waiting.length > 0) {
      const group: Waiting[] = []
      for (let one = this.#waiting.shift(); one !== undefined; one = this.#waiting.shift()) {
        if (one.options.onSend?.() === false) this.skipped++
        else group.push(one)
        if (group.length === size) break
      }
      if (group.length > 0) this.#send(group)
    }
  }

  #send(group: readonly Waiting[]): void {
    this.#pending++
    this.sent += group.length
    const { manner } = this
    const answers = group.map(({ carryOut }) => carryOut())
    this.#clock.after(this.#options.callUs / 1000, () => {
      if (manner === 'lose') return
      this.#pending--
      group.forEach(({ resolve, reject }, i) => {
        if (manner === 'fail') reject(down())
        else (answers[i] as Promise<never>).then(resolve, reject)
      })
      this.#deal()
    })
  }
}
