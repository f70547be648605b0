import type { Socket } from 'node:net'
import type { HttpAnswer } from '../http-answer.ts'
import { isTextAt } from './known-fields.ts'

/** A request that the fast path knows completely. Kept across `await`; its octets are not written to. */
export interface FastRequest {
  readonly socket: Socket
  /** With its query: `/v1/consume?status=200`. */
  readonly target: string
  readonly body: Buffer
  /** The body as a text, an octet a character. */
  readonly bodyText: string
  /** All values of a header field, in their order; `name` in lower case. */
  values(name: string): readonly string[]
}

/**
 * Its answer. What every answer has is added: `content-length`, `Date`, and what becomes of the connection. With a field
 * `connection` it is the last one.
 */
export type FastAnswer = HttpAnswer

/** Answers a request. */
export type FastHandler = (request: FastRequest) => FastAnswer | Promise<FastAnswer>

/** Where a request is among octets. */
export interface RequestPlaces {
  /** Of each field four: of its name, of the colon, of its value, and of what follows that. */
  readonly fields: readonly number[]
  readonly body: number
  /** Of what follows the request. */
  readonly end: number
}

/** What a request came by, and all octets that came with it. */
export interface RequestOctets {
  readonly socket: Socket
  readonly octets: Buffer
}

/** A request, read from the octets that it came in. */
export class ReadRequest implements FastRequest {
  readonly target: string
  readonly socket: Socket
  readonly #octets: Buffer
  readonly #places: RequestPlaces

  constructor(target: string, { socket, octets }: RequestOctets, places: RequestPlaces) {
    this.target = target
    this.socket = socket
    this.#octets = octets
    this.#places = places
  }

  get body(): Buffer {
    return this.#octets.subarray(this.#places.body, this.#places.end)
  }

  get bodyText(): string {
    return this.#octets.toString('latin1', this.#places.body, this.#places.end)
  }

  values(name: string): readonly string[] {
    const octets = this.#octets
    const { fields } = this.#places
    let values: string[] | null = null
    for (let i = 0; i < fields.length; i += 4) {
      const start = fields[i] as number
      const colon = fields[i + 1] as number
      if (colon - start !== name.length || !isTextAt(octets, start, name)) continue
      values ??= []
      values.push(octets.toString('latin1', fields[i + 2], fields[i + 3]))
    }
    return values ?? NONE
  }
}

const NONE: readonly string[] = []
