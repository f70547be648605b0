import assert from 'node:assert/strict'
import { HpackDecoder } from '../../src/http2/hpack/hpack-decoder.ts'
import { HpackError } from '../../src/http2/hpack/hpack-error.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import { ModelDecoder, sizeOf } from './hpack-model.ts'

type Fields = readonly HeaderField[] | 'too large'

/** The decoder and its model, which get the same blocks and have to agree about each of them. */
export class HpackPair {
  readonly #decoder: HpackDecoder<Fields>
  readonly #model: ModelDecoder
  readonly #listBytesMax: number
  /** Whether a block was malformed: after it nothing can be decoded. */
  hasFailed = false
  /** How many blocks were answered from memory. */
  remembered = 0
  #interpreted = false

  constructor({ tableBytesMax, listBytesMax }: { tableBytesMax: number; listBytesMax: number }) {
    this.#listBytesMax = listBytesMax
    this.#model = new ModelDecoder(tableBytesMax)
    const interpret = (fields: readonly HeaderField[]): Fields => {
      this.#interpreted = true
      return fields
    }
    this.#decoder = new HpackDecoder({ tableBytesMax, listBytesMax, interpret, tooLarge: 'too large' })
  }

  /** Throws where they do not agree. */
  decode(block: Buffer): void {
    const expected = outcomeOf(() => this.#expected(block))
    this.#interpreted = false
    const answer = outcomeOf(() => this.#decoder.decode(block, 0, block.length))
    assert.deepEqual(answer, expected, block.toString('hex'))
    this.hasFailed = answer === 'malformed'
    if (Array.isArray(answer) && !this.#interpreted) this.remembered += 1
  }

  #expected(block: Buffer): Fields {
    const fields = this.#model.decode(block)
    const bytes = fields.reduce((sum, field) => sum + sizeOf(field), 0)
    return bytes > this.#listBytesMax ? 'too large' : fields
  }
}

function outcomeOf<T>(decode: () => T): T | 'malformed' {
  try {
    return decode()
  } catch (reason) {
    if (reason instanceof HpackError) return 'malformed'
    throw reason
  }
}
