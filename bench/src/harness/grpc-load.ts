import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import { at, makeKeys, makeSequence } from './keys.ts'
import { field } from './protobuf-field.ts'

export const CONSUME = '/headgate.v1.RateLimiter/Consume'
const CONSUME_STREAM = '/headgate.v1.RateLimiter/ConsumeStream'
const itself = (bytes: Buffer): Buffer => bytes

/** Who asks over gRPC, and how. */
export interface GrpcLoadOptions {
  readonly port: number
  readonly connections: number
  /** Calls under way on each connection, or messages of its one stream. */
  readonly inFlight: number
  readonly keys: number
  /** Requests of a message of a stream; without it, calls are unary. */
  readonly perMessage?: number
}

/** Calls that are made anew as soon as they are answered. Messages are bytes made beforehand, so that asking costs little. */
export class GrpcLoad {
  readonly #options: GrpcLoadOptions
  readonly #clients: readonly Client[]
  readonly #requests: readonly Buffer[]
  readonly #sequence: ReturnType<typeof makeSequence>
  #sent = 0

  constructor(options: GrpcLoadOptions) {
    const { port, connections, keys, perMessage } = options
    this.#options = options
    // A pool of its own for each, or all of them would share one connection.
    this.#clients = Array.from(
      { length: connections },
      () =>
        new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
          'grpc.use_local_subchannel_pool': 1,
        }),
    )
    const requests = makeKeys(keys).map(limitRequest)
    this.#requests = perMessage === undefined ? requests : batches(requests, perMessage)
    this.#sequence = makeSequence(this.#requests.length)
  }

  /** One answer, as bytes. */
  once(): Promise<Buffer> {
    return this.#ask(this.#clients[0] as Client)
  }

  /** Makes that many decisions. */
  async make(decisions: number): Promise<void> {
    const { inFlight, perMessage, connections } = this.#options
    if (perMessage === undefined) {
      const each = Math.ceil(decisions / (inFlight * connections))
      await Promise.all(
        this.#clients.flatMap((client) =>
          Array.from({ length: inFlight }, () => this.#askAgain(client, each)),
        ),
      )
      return
    }
    const messages = Math.ceil(decisions / (perMessage * connections))
    await Promise.all(this.#clients.map((client) => this.#exchange(client, messages)))
  }

  close(): void {
    for (const client of this.#clients) client.close()
  }

  async #askAgain(client: Client, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.#ask(client)
  }

  #ask(client: Client): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(CONSUME, itself, itself, this.#next(), (error, answer) =>
        error === null ? resolve(answer as Buffer) : reject(error),
      )
    })
  }

  #exchange(client: Client, messages: number): Promise<void> {
    const stream: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
      CONSUME_STREAM,
      itself,
      itself,
    )
    let sent = 0
    let answered = 0
    const send = (): void => {
      if (sent < messages) {
        sent += 1
        stream.write(this.#next())
      } else if (answered === messages) stream.end()
    }
    stream.on('data', () => {
      answered += 1
      send()
    })
    for (let i = 0; i < this.#options.inFlight; i++) send()
    return new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject))
  }

  #next(): Buffer {
    return this.#requests[at(this.#sequence, this.#sent++)] as Buffer
  }
}

/** `LimitRequest` with one attribute. */
export function limitRequest(user: string): Buffer {
  return field(1, Buffer.concat([field(1, Buffer.from('user')), field(2, Buffer.from(user))]))
}

/** `ConsumeManyRequest` of so many, each for another key. */
function batches(requests: readonly Buffer[], size: number): Buffer[] {
  return requests.map((_, i) =>
    Buffer.concat(
      Array.from({ length: size }, (_, j) =>
        field(1, field(1, requests[(i + j * 7) % requests.length] as Buffer)),
      ),
    ),
  )
}
