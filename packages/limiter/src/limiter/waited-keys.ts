import { getOrAdd } from '../core/get-or-add.ts'
import type { PolicyKey } from '../policies/policy-set.ts'

/** Which queues wait for room under which keys: a queue is that of all keys of a call together. */
export class WaitedKeys {
  readonly #queues = new Map<string, Map<string, number>>()

  /** Notes one who waits in a queue for these keys; answers its removal. */
  add(queue: string, keys: readonly PolicyKey[]): () => void {
    const names = keys.map(nameOf)
    for (const name of names) {
      const queues = getOrAdd(this.#queues, name, () => new Map<string, number>())
      queues.set(queue, (queues.get(queue) ?? 0) + 1)
    }
    return () => {
      for (const name of names) this.#remove(name, queue)
    }
  }

  /** The queues that wait for any of these keys. */
  queuesOf(keys: readonly PolicyKey[]): ReadonlySet<string> {
    return new Set(keys.flatMap((key) => [...(this.#queues.get(nameOf(key))?.keys() ?? [])]))
  }

  #remove(name: string, queue: string): void {
    const queues = this.#queues.get(name)
    const left = (queues?.get(queue) ?? 0) - 1
    if (left > 0) queues?.set(queue, left)
    else queues?.delete(queue)
    if (queues?.size === 0) this.#queues.delete(name)
  }
}

/** The name of the queue for these keys together; no key can be chosen so that it is that of others. */
export function queueOf(keys: readonly PolicyKey[]): string {
  return JSON.stringify(keys.map(({ budget, key }) => [budget.policy, key]))
}

function nameOf(key: PolicyKey): string {
  return queueOf([key])
}
