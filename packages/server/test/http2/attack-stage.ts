import { expect } from 'vitest'
import type { Http2Limits } from '../../src/http2/http2-limits.ts'
import { Http2Server } from '../../src/http2/http2-server.ts'
import { ManualHttp2Clock } from './manual-http2-clock.ts'
import { MemoryClient, turn } from './memory-client.ts'
import { headers, request } from './octets.ts'
import { ProbeHandler } from './probe-handler.ts'
import { LIMITS } from './probe-server.ts'
import { rethrow } from './wire.ts'

/** A server in which time stands still, so that nothing is given back that was spent. */
export class AttackStage implements Disposable {
  readonly handler: ProbeHandler = new ProbeHandler()
  readonly clock: ManualHttp2Clock = new ManualHttp2Clock()
  readonly server: Http2Server

  constructor(limits: Partial<Http2Limits> = {}) {
    this.server = new Http2Server(
      this.handler,
      { ...LIMITS, ...limits },
      { clock: this.clock, onFault: rethrow },
    )
  }

  connect(peer?: string): Promise<MemoryClient> {
    return MemoryClient.connect(this.server, peer)
  }

  async greeted(peer?: string): Promise<MemoryClient> {
    const client = await this.connect(peer)
    client.greet()
    return client
  }

  /** Somebody else is answered. */
  async answersOthers(): Promise<void> {
    const client = await this.greeted('192.0.2.2')
    client.send(headers(1, request()))
    await turn()
    client.look()
    expect(client.isAnswered(1), 'others are answered').toBe(true)
    client.leave()
  }

  [Symbol.dispose](): void {
    this.server.destroy()
  }
}
