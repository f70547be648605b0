/** Records that are not of keys: what the store keeps beside budgets. */

import { fingerprint, hash } from '../local/siphash.ts'
import { CLAIMS, KEYS, REFUNDS } from './memory-map.ts'
import { NEVER_ENDS } from './records.ts'
import { OVERFLOW_BIT } from './shared-layouts.ts'
import type { Count, ThreadMemory } from './thread-memory.ts'

/** Kinds of them: the lower half of their layout, whose upper half is 0. */
export type Kind = 1 | 2 | 3 | 4 | 5
export const LAYOUT = 1
export const REFUND = 2
export const CLAIM = 3
export const SECRETS = 4
export const DOCUMENT = 5

/** 64 bits by which a record is found. */
export interface Fingerprint {
  readonly low: number
  readonly high: number
}

/** UTF-16 units in one number: 48 bits, a safe integer. */
const UNITS = 3

/** One of them, in the transaction under way. */
export class KeptRecord {
  readonly #memory: ThreadMemory
  readonly #kind: Kind
  readonly #low: number
  readonly #high: number
  readonly #position: number
  readonly #chunk: number

  /** That of a fingerprint. */
  constructor(
    memory: ThreadMemory,
    kind: Kind,
    { low, high }: { readonly low: number; readonly high: number },
  ) {
    const { records, ownership } = memory
    this.#memory = memory
    this.#kind = kind
    this.#low = low
    this.#high = high
    this.#position = ownership.own(records.bucketOf(low))
    this.#chunk = records.find(this.#position, low, high)
  }

  /** What it has; null where it is not there. The next record that is read writes over it. */
  get numbers(): Float64Array | null {
    return this.#chunk === 0 ? null : this.#memory.records.readAll(this.#chunk)
  }

  get text(): string | null {
    const { numbers } = this
    // What others were changing meanwhile has no length that can be believed.
    this.#memory.ownership.check()
    return numbers === null ? null : textIn(numbers)
  }

  /** Second since 1970 from which on it may be dropped. */
  get end(): number {
    return this.#chunk === 0 ? 0 : this.#memory.records.endAt(this.#chunk)
  }

  write(numbers: Float64Array, end: number = NEVER_ENDS): void {
    const { records } = this.#memory
    const chunk = records.write(this.#position, this.#chunk, numbers, 0, numbers.length)
    records.sign(chunk, this.#low, this.#high, this.#kind, 0, end, 0)
  }

  writeText(text: string, end: number = NEVER_ENDS): void {
    this.write(numbersOf(text), end)
  }

  remove(): void {
    if (this.#chunk !== 0) this.#memory.records.remove(this.#position, this.#chunk)
  }
}

/** The fingerprint of something by its name; kinds of records have different ones. */
export function fingerprintOf({ map: { seed } }: ThreadMemory, kind: Kind, name: string): Fingerprint {
  hash(name, { k0: seed.k0 ^ kind, k1: seed.k1 })
  return { low: fingerprint.low, high: fingerprint.high }
}

/** A second fingerprint, by which names that share the first one are told apart. */
export function checkOf({ map: { seed } }: ThreadMemory, name: string): Fingerprint {
  hash(name, { k0: seed.k1, k1: ~seed.k0 })
  return { low: fingerprint.low, high: fingerprint.high }
}

/** Whether a record is that of a layout, by its own layout. */
export function isLayout(layoutLow: number, layoutHigh: number): boolean {
  return layoutHigh === 0 && layoutLow === LAYOUT
}

/** What counts a record of this layout; null where nothing does. */
export function countOf(layoutLow: number, layoutHigh: number): Count | null {
  if (layoutHigh !== 0) return (layoutHigh & OVERFLOW_BIT) === 0 ? KEYS : null
  if (layoutLow === REFUND) return REFUNDS
  return layoutLow === CLAIM ? CLAIMS : null
}

function numbersOf(text: string): Float64Array {
  const numbers = new Float64Array(1 + Math.ceil(text.length / UNITS))
  numbers[0] = text.length
  for (let i = 0; i < text.length; i++) {
    const at = 1 + Math.floor(i / UNITS)
    numbers[at] = (numbers[at] as number) + text.charCodeAt(i) * 2 ** (16 * (i % UNITS))
  }
  return numbers
}

function textIn(numbers: Float64Array): string {
  const length = numbers[0] as number
  let text = ''
  for (let i = 0; i < length; i++) {
    const number = numbers[1 + Math.floor(i / UNITS)] as number
    text += String.fromCharCode(Math.floor(number / 2 ** (16 * (i % UNITS))) % 0x1_0000)
  }
  return text
}
