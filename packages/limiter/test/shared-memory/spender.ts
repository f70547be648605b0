import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { REMAINING } from '../../src/core/algorithm.ts'
import { passes } from '../../src/core/passing.ts'
import type { SharedMemoryStore } from '../../src/stores/shared-memory/index.ts'
import { until } from '../harness/until.ts'
import { budgetOfOrder, GOES_ON, type Order, type SpenderData, STANDS } from './orders.ts'

/** A thread that spends as it is told, seen from the one that made it. */
export class Spender {
  readonly #worker: Worker
  readonly #signals: Int32Array = new Int32Array(new SharedArrayBuffer(8))

  constructor({ memory }: SharedMemoryStore) {
    const workerData: SpenderData = { memory, signals: this.#signals.buffer as SharedArrayBuffer }
    this.#worker = new Worker(new URL('./fixtures/spender.ts', import.meta.url), { workerData })
  }

  /** How many units were admitted under each key. */
  async spend(order: Order): Promise<Uint32Array> {
    this.#worker.postMessage(order)
    const [admitted] = (await once(this.#worker, 'message')) as [Uint32Array | string]
    if (typeof admitted === 'string') throw new Error(admitted)
    return admitted
  }

  /** Begins to spend until it stands still; false where it was done before. `admitted` is what comes once it goes on. */
  async stop(order: Order): Promise<{ stands: boolean; admitted: Promise<Uint32Array | null> }> {
    this.#signals.fill(0)
    let isDone = false
    const admitted = this.spend(order).finally(() => {
      isDone = true
    })
    // Not for a thread that is ended.
    const result = admitted.catch(() => null)
    await until('a thread stands still', () => Atomics.load(this.#signals, STANDS) === 1 || isDone)
    return { stands: !isDone, admitted: result }
  }

  goOn(): void {
    Atomics.store(this.#signals, GOES_ON, 1)
    Atomics.notify(this.#signals, GOES_ON)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** Spends as often from all keys of an order at once, in this thread; returns how often it was admitted. */
export function spendHere(store: SharedMemoryStore, order: Order, times: number): number {
  const budget = budgetOfOrder(order)
  const requests = Array.from({ length: order.keys }, (_, key) => ({ budget, key: `key-${key}`, cost: 1 }))
  let admitted = 0
  for (let i = 0; i < times; i++) {
    const { numbers } = store.decideSync('consume', requests)
    if (passes(requests, numbers as Float64Array)) admitted++
  }
  return admitted
}

/** How much of each key is spent, of a limit of its first rule. */
export function spentOf(store: SharedMemoryStore, order: Order, limit: number): number[] {
  const budget = budgetOfOrder(order)
  return Array.from({ length: order.keys }, (_, key) => {
    const { numbers } = store.decideSync('peek', [{ budget, key: `key-${key}`, cost: 0 }])
    return limit - (numbers[REMAINING] as number)
  })
}

export function sumOf(parts: readonly ArrayLike<number>[]): number[] {
  const [first] = parts
  return Array.from({ length: first?.length ?? 0 }, (_, key) =>
    parts.reduce((sum, part) => sum + (part[key] as number), 0),
  )
}
