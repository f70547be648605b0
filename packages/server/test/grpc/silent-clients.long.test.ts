/** Clients of gRPC that fall silent: what is between them and the service takes nothing more, or takes all and passes nothing on. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS } from '../../src/transports/grpc/grpc-limits.ts'
import { GrpcClient, grpcServer, LIMITER } from './grpc-server.ts'

const PATIENCE_MS = 1.5 * (KEEPALIVE_MS + KEEPALIVE_TIMEOUT_MS)

/** Passes bytes both ways until it is told to stop. */
class Between implements Disposable {
  readonly #server: Server
  readonly #clients: Socket[] = []
  /** Its connection to the service. */
  service: Socket | undefined

  constructor(target: string) {
    const [host, port] = target.split(':')
    this.#server = createServer((client) => {
      const service = connect(Number(port), host)
      this.service = service
      this.#clients.push(client)
      client.on('error', () => {})
      service.on('error', () => {})
      client.pipe(service)
      service.pipe(client)
    })
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Passes nothing on; what comes from the service is dropped, or not even taken. */
  stop(takes: 'all' | 'nothing'): void {
    const [client] = this.#clients
    client?.unpipe()
    client?.pause()
    this.service?.unpipe()
    if (takes === 'all') this.service?.resume()
    else this.service?.pause()
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client.destroy()
    this.service?.destroy()
    this.#server.close()
  }
}

describe('a client of gRPC that falls silent', () => {
  it.concurrent.each(['all', 'nothing'] as const)(
    'while what is between takes %s is cut off once its keepalive is overdue',
    { timeout: 2 * PATIENCE_MS },
    async (takes) => {
      await using server = await grpcServer()
      using between = new Between(server.target)
      using client = new GrpcClient(await between.listen(), LIMITER)
      const stream = client.exchange('ConsumeStream')
      stream.on('error', () => {})
      stream.write({ requests: [{ attributes: { user: 'alice' } }] })
      await once(stream, 'data')
      between.stop(takes)
      expect(server.transport.connections?.()).toBe(1)
      await expect
        .poll(() => server.transport.connections?.(), { timeout: PATIENCE_MS, interval: 200 })
        .toBe(0)
    },
  )
})
