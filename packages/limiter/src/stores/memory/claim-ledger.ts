import type { Claim, Claimed } from '../../core/claiming-store.ts'
import { HeadgateError } from '../../core/errors.ts'

/** Most claims remembered. Past it new ones are refused until older ones end, so that none is taken twice. */
const CLAIMS_MAX = 100_000

interface TakenClaim {
  readonly value: number
  readonly endsAtUs: number
}

/** A claim that was taken, by its id. */
export type ClaimEntry = readonly [id: string, taken: TakenClaim]

/** Remembers who has taken a claim. */
export class ClaimLedger {
  readonly #claims: Map<string, TakenClaim>

  /** With what {@link entries} of another one had. */
  constructor(entries: readonly ClaimEntry[] = []) {
    this.#claims = new Map(entries)
  }

  /** What it remembers. */
  entries(now: number): readonly ClaimEntry[] {
    this.#forgetEnded(now)
    return [...this.#claims]
  }

  /** Takes a claim if nobody has it yet. */
  take({ id, value, endsAtUs }: Claim, now: number): Claimed {
    if (endsAtUs <= now) return { by: 'nobody', value: null }
    const taken = this.#claims.get(id)
    if (taken !== undefined) return { by: 'another', value: taken.value }
    if (value === null) return { by: 'caller', value }
    if (this.#claims.size >= CLAIMS_MAX) this.#forgetEnded(now)
    if (this.#claims.size >= CLAIMS_MAX) throw full()
    this.#claims.set(id, { value, endsAtUs })
    return { by: 'caller', value }
  }

  giveUp(id: string): void {
    this.#claims.delete(id)
  }

  #forgetEnded(now: number): void {
    for (const [id, { endsAtUs }] of this.#claims) if (endsAtUs <= now) this.#claims.delete(id)
  }
}

function full(): HeadgateError {
  const message = `${CLAIMS_MAX} settlements are remembered, and the store takes no more; come again later`
  return new HeadgateError('store-unavailable', message)
}
