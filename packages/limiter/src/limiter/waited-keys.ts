import { getOrAdd } from '../core/get-or-add.ts'
import type { PolicyKey } from '../policies/request-match.ts'

/** Which queues wait for units under which keys. A call waits in one queue for all its keys together. */
export class WaitedKeys {
  /** By key, how many calls wait for it in each queue. */
  readonly #queuesByKey = new Map<string, Map<string, number>>()

  /** Adds a call that waits in `queue` for these keys; the returned function removes it. */
  add(queue: string, keys: readonly PolicyKey[]): () => void {
    const ids = keys.map(idOf)
    for (const id of ids) {
      const queues = getOrAdd(this.#queuesByKey, id, () => new Map<string, number>())
      queues.set(queue, (queues.get(queue) ?? 0) + 1)
    }
    return () => {
      for (const id of ids) this.#remove(id, queue)
    }
  }

  /** The queues that wait for any of these keys. */
  queuesOf(keys: readonly PolicyKey[]): ReadonlySet<string> {
    return new Set(keys.flatMap((key) => [...(this.#queuesByKey.get(idOf(key))?.keys() ?? [])]))
  }

  #remove(id: string, queue: string): void {
    const queues = this.#queuesByKey.get(id)
    const left = (queues?.get(queue) ?? 0) - 1
    if (left > 0) queues?.set(queue, left)
    else queues?.delete(queue)
    if (queues?.size === 0) this.#queuesByKey.delete(id)
  }
}

/** The name of the queue for these keys together. JSON keeps it unambiguous: no key can be chosen to match other keys. */
export function queueName(keys: readonly PolicyKey[]): string {
  return JSON.stringify(keys.map(({ budget, key }) => [budget.policy, key]))
}

function idOf(key: PolicyKey): string {
  return queueName([key])
}
