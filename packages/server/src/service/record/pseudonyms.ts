import type { RequestReading } from 'headgate/policies'
import { quickHmac } from '../quick-hmac.ts'
import type { AskedPattern } from './asked-patterns.ts'

/** 144 bits, as of hashed keys. */
const HASH_BYTES = 18
/** Hashes that are kept, twice, and how long their values may be: to make one takes some microseconds. */
const KEPT_MAX = 4096
const KEPT_LENGTH_MAX = 256

/** Values in a form that stands for them and tells nobody what they are: equal ones stay equal under one seed. */
export class Pseudonyms {
  /** The same for the same seed. */
  readonly check: string
  readonly #hash: (message: string) => Buffer
  readonly #draw: (message: string) => Buffer
  readonly #pattern: (message: string) => Buffer
  #recent = new Map<string, string>()
  #former = new Map<string, string>()

  constructor(seed: string) {
    // A key for each purpose, so that no output of one is of use for another.
    const derive = quickHmac(seed)
    this.#hash = quickHmac(derive('headgate record hash 1'))
    this.#draw = quickHmac(derive('headgate record draw 1'))
    this.#pattern = quickHmac(derive('headgate record pattern 1'))
    this.check = shortened(derive('headgate record check 1'))
  }

  /** In place of a value of an attribute. */
  of(attribute: string, value: string): string {
    const message = `${attribute}\0${value}`
    return this.#kept(`hash\0${message}`, () => shortened(this.#hash(message)))
  }

  /** In place of the address of a request: one of `fd00::/8`, in one /56 (and /64) where the true ones are; undefined without one. */
  ofAddress(reading: RequestReading): string | undefined {
    const address = reading.text('ip')
    if (address === undefined) return undefined
    return this.#kept(`address\0${address}`, () =>
      this.#addressFor(address, reading.keyText('ip') ?? address),
    )
  }

  /** In place of what a configuration asks of an attribute. */
  ofPattern({ attribute, pattern }: AskedPattern): string {
    return shortened(this.#pattern(`${attribute}\0${pattern}`))
  }

  /** Whether a value is one of a share of all: the same answer wherever and whenever the seed is the same. */
  isDrawn(value: string, share: number): boolean {
    if (share >= 1) return true
    const drawn = this.#kept(`draw\0${value}`, () => this.#draw(value).readUIntBE(0, 6).toString())
    return Number(drawn) < share * 2 ** 48
  }

  #addressFor(address: string, network: string): string {
    const half = address.includes(':') ? address.split(':').slice(0, 4).join(':') : address
    const part = (name: string, value: string, bytes: number): Buffer =>
      this.#hash(`${name}\0${value}`).subarray(0, bytes)
    const bytes = Buffer.concat([
      Buffer.of(0xfd),
      part('address/56', network, 6),
      part('address/64', half, 1),
      part('address/128', address, 8),
    ])
    return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':')
  }

  #kept(message: string, make: () => string): string {
    const known = this.#recent.get(message) ?? this.#former.get(message)
    if (known !== undefined) return known
    const made = make()
    if (message.length <= KEPT_LENGTH_MAX) this.#keep(message, made)
    return made
  }

  #keep(message: string, made: string): void {
    if (this.#recent.size >= KEPT_MAX) {
      this.#former = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(message, made)
  }
}

function shortened(hash: Buffer): string {
  return hash.subarray(0, HASH_BYTES).toString('base64url')
}
