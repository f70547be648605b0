/** Header blocks of all kinds, of a seed: well-formed ones, ones that come again, and ones that are nearly right. */
import type { Random } from '../../../limiter/test/parity/random.ts'
import { garbledBytes } from '../fuzz/garbled-bytes.ts'
import { indexed, type LiteralKind, literal, sizeUpdate } from './hpack-blocks.ts'

const NAMES = ['te', 'grpc-timeout', 'authorization', 'x', 'x-request-id', 'N', '']
const KINDS: readonly LiteralKind[] = ['inserted', 'inserted', 'plain', 'plain', 'never']
const STATIC_LENGTH = 61
const KEPT_MAX = 8

/** Which blocks to make. */
export interface AnyBlocksOptions {
  readonly tableBytesMax: number
  /** How many of 100 blocks are changed somewhere. */
  readonly garbledPercent: number
}

/** Makes one block after another, as one client sends them. */
export class AnyBlocks {
  readonly #random: Random
  readonly #options: AnyBlocksOptions
  readonly #kept: Buffer[] = []
  #hasBegun = false

  constructor(random: Random, options: AnyBlocksOptions) {
    this.#random = random
    this.#options = options
  }

  next(): Buffer {
    const random = this.#random
    if (!this.#hasBegun) return this.#begin()
    if (this.#kept.length > 0 && random.percent(60)) return random.pick(this.#kept)
    const block = this.#newBlock()
    if (this.#kept.length >= KEPT_MAX) this.#kept.shift()
    this.#kept.push(block)
    return random.percent(this.#options.garbledPercent) ? garbledBytes(block, random) : block
  }

  /** Fills the table, so that many indexes are there. */
  #begin(): Buffer {
    this.#hasBegun = true
    return Buffer.concat(NAMES.map((name) => literal('inserted', { name, value: this.#value() })))
  }

  #newBlock(): Buffer {
    const random = this.#random
    const updates = random.percent(10) ? random.between(1, 3) : 0
    const changes = random.percent(40)
    return Buffer.concat([
      ...Array.from({ length: updates }, () => sizeUpdate(random.between(0, this.#options.tableBytesMax))),
      ...Array.from({ length: random.below(6) }, () => this.#field(changes)),
    ])
  }

  #field(changes: boolean): Buffer {
    const random = this.#random
    if (random.percent(60)) return indexed(this.#index())
    const kind = random.pick(KINDS.filter((kind) => changes || kind === 'plain'))
    const name = random.percent(60) ? this.#index() : random.pick(NAMES)
    return literal(kind, { name, value: this.#value(), isHuffman: random.percent(50) })
  }

  #index(): number {
    const random = this.#random
    if (random.percent(70)) return random.between(1, STATIC_LENGTH)
    return STATIC_LENGTH + random.between(1, random.percent(90) ? 2 : 9)
  }

  #value(): string {
    const random = this.#random
    const length = random.percent(95) ? random.below(20) : random.below(300)
    return String.fromCharCode(...Array.from({ length }, () => random.below(256)))
  }
}
