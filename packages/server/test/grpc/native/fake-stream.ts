/** A stream of HTTP/2 that keeps what it was told, in place of a connection. */
import type { HeaderField } from '../../../src/http2/hpack/hpack-field.ts'
import type { Http2Stream, RequestHead } from '../../../src/http2/http2-handler.ts'

type Fields = Readonly<Record<string, string>>

export class FakeStream implements Http2Stream {
  state: unknown
  isBusy = false
  hasEnded = false
  readonly peer = '192.0.2.1'
  /** All fields of head and trailers. */
  fields: Fields = {}
  readonly body: Buffer[] = []
  /** Octets that the client may send beyond its window; null where it is not held. */
  released: number | null = null
  isKept = false
  /** Whether it takes no more for now. */
  isFull = false

  respond(head: readonly HeaderField[], body: Uint8Array | null, trailers: readonly HeaderField[] | null) {
    this.open(head)
    if (body !== null) this.write(body)
    this.finish(trailers)
  }

  open(head: readonly HeaderField[]): void {
    this.fields = { ...this.fields, ...named(head) }
  }

  write(octets: Uint8Array): boolean {
    this.body.push(Buffer.from(octets))
    return !this.isFull
  }

  finish(trailers: readonly HeaderField[] | null): void {
    this.fields = { ...this.fields, ...named(trailers ?? []) }
    this.hasEnded = true
  }

  reset(): void {
    this.hasEnded = true
  }

  hold(): void {
    this.released = 0
  }

  release(octets: number): void {
    this.released = (this.released ?? 0) + octets
  }

  keepConnection(): void {
    this.isKept = true
  }
}

function named(fields: readonly HeaderField[]): Fields {
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]))
}

/** The head of a call. */
export function headOf(path: string, fields: Fields = {}, method = 'POST'): RequestHead {
  const all = { 'content-type': 'application/grpc', te: 'trailers', ...fields }
  return {
    method,
    scheme: 'http',
    authority: 'localhost',
    path,
    fields: Object.entries(all).map(([name, value]) => ({ name, value })),
  }
}

/** A message as it is sent. */
export function frameOf(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
