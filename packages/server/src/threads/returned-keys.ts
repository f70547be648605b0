import type { Clock, KeyView } from 'headgate'
import { isSync } from 'headgate/store'
import type { OpenStore, Service } from '../service/service.ts'

/** Shortest time between two messages. */
const INTERVAL_MS = 10
/** Most keys of a message: denials under further ones end by themselves within a second. */
const KEYS_MAX = 1000

/** What is told of, and how. */
export interface ReturnedKeysParts {
  readonly tell: (keys: readonly KeyView[]) => void
  readonly clock: Pick<Clock, 'after'>
}

/**
 * Tells under which keys units were given back: at once, and then what came meanwhile after each interval. However many
 * reservations are settled, that is few messages.
 */
export class ReturnedKeys {
  readonly #parts: ReturnedKeysParts
  readonly #keys = new Map<string, KeyView>()
  #isWaiting = false

  constructor(parts: ReturnedKeysParts) {
    this.#parts = parts
  }

  add(keys: readonly KeyView[]): void {
    for (const one of keys) {
      if (this.#keys.size < KEYS_MAX) this.#keys.set(`${one.policy}\n${one.key}`, one)
    }
    if (!this.#isWaiting) this.#tell()
  }

  #tell(): void {
    this.#isWaiting = this.#keys.size > 0
    if (!this.#isWaiting) return
    const keys = [...this.#keys.values()]
    this.#keys.clear()
    this.#parts.clock.after(INTERVAL_MS, () => this.#tell())
    this.#parts.tell(keys)
  }
}

/** Adds the keys of refunds, settlements and credits of a service on this store. */
export function addReturns(
  service: Pick<Service, 'on' | 'keysOf'>,
  { store }: Pick<OpenStore, 'store'>,
  returned: ReturnedKeys,
): void {
  // In this process it always decides by itself: nobody remembers denials.
  if (isSync(store)) return
  service.on('returned', ({ keys }) => returned.add(keys()))
  service.on('decision', ({ verb, request, decision }) => {
    if (verb !== 'credit' || request === null || decision.source === 'none') return
    const { who, policy } = request
    returned.add(service.keysOf(who, policy === undefined ? {} : { policy }))
  })
}
