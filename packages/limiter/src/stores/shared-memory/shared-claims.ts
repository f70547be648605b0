import type { Claim, Claimed } from '../../core/claiming-store.ts'
import { HeadgateError } from '../../core/errors.ts'
import { CLAIM, checkOf, fingerprintOf, KeptRecord } from './kept-records.ts'
import { CLAIMS } from './memory-map.ts'
import { secondAfter } from './packed-state.ts'
import { sweep } from './sweep.ts'
import type { ThreadMemory } from './thread-memory.ts'

const SWEEP_BUCKETS = 1024

/** Who of all threads has taken a claim. Past as many as are remembered, new ones are refused until older ones end, so that none is taken twice. */
export class SharedClaims {
  readonly #memory: ThreadMemory

  constructor(memory: ThreadMemory) {
    this.#memory = memory
  }

  /** Takes a claim if nobody has it yet. */
  take({ id, value, endsAtUs }: Claim, now: number): Claimed {
    if (endsAtUs <= now) return { by: 'nobody', value: null }
    const memory = this.#memory
    const { ints, remembered } = memory.map
    if (memory.isNearlyFull || Atomics.load(ints, CLAIMS) >= remembered) sweep(memory, SWEEP_BUCKETS)
    const check = checkOf(memory, id)
    return memory.transact((): Claimed => {
      const record = this.#recordOf(id)
      const [taken, low, high] = record.numbers ?? []
      if (taken !== undefined) {
        // Another id of the same fingerprint; nobody can have meant that, and nothing is taken twice.
        if (low !== check.low || high !== check.high) throw full(remembered)
        return { by: 'another', value: taken }
      }
      if (value === null) return { by: 'caller', value }
      // What is left of a nearly full memory is for decisions.
      if (memory.isNearlyFull || !memory.add(CLAIMS, remembered)) throw full(remembered)
      record.write(Float64Array.of(value, check.low, check.high), secondAfter(endsAtUs))
      return { by: 'caller', value }
    })
  }

  giveUp(id: string): void {
    const memory = this.#memory
    memory.transact(() => {
      const record = this.#recordOf(id)
      if (record.numbers === null) return
      memory.remove(CLAIMS)
      record.remove()
    })
  }

  #recordOf(id: string): KeptRecord {
    return new KeptRecord(this.#memory, CLAIM, fingerprintOf(this.#memory, CLAIM, id))
  }
}

function full(remembered: number): HeadgateError {
  const message = `${remembered} settlements are remembered, or as many as the memory has room for; come again later, or give sharedMemoryStore a larger maxKeys`
  return new HeadgateError('store-unavailable', message)
}
