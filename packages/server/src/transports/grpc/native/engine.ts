import { isIP } from 'node:net'
import { compileAddressKey } from 'headgate/http'
import { ENDS } from '../../../http2/http2-counts.ts'
import type { Http2Limits } from '../../../http2/http2-limits.ts'
import { Http2Server } from '../../../http2/http2-server.ts'
import { UNIX } from '../../../service/identity/trusted-peers.ts'
import type { Service } from '../../../service/service.ts'
import type { GrpcEngine, GrpcEngineOptions } from '../grpc-engine.ts'
import {
  CONNECTION_AGE_GRACE_MS,
  KEEPALIVE_MS,
  KEEPALIVE_TIMEOUT_MS,
  MESSAGE_TIMEOUT_MS,
  STREAMS_MAX,
} from '../grpc-limits.ts'
import { OpenStreams } from '../open-streams.ts'
import type { RpcMethod } from '../rpc-method.ts'
import { GRPC } from '../transport-name.ts'
import { Calls } from './calls.ts'

/** An engine on HTTP/2 of our own. */
export function createNativeEngine(
  service: Service,
  methods: readonly RpcMethod[],
  { connectionAgeMs, isOnUnixSocket }: Omit<GrpcEngineOptions, 'isWorker'>,
): GrpcEngine {
  const streams = new OpenStreams()
  const addressKey = compileAddressKey()
  // As their connections are counted.
  const groupOf = (peer: string): string => (isIP(peer) === 0 ? peer : addressKey(peer))
  const limits: Http2Limits = {
    streamsMax: STREAMS_MAX,
    // Calls whose message is late end before, by a status.
    requestTimeoutMs: 2 * MESSAGE_TIMEOUT_MS,
    keepaliveMs: KEEPALIVE_MS,
    keepaliveTimeoutMs: KEEPALIVE_TIMEOUT_MS,
    ageMs: connectionAgeMs,
    ageGraceMs: CONNECTION_AGE_GRACE_MS,
  }
  const server = new Http2Server(new Calls({ service, methods, streams }), limits, {
    groupOf,
    onFault: (reason) => service.fail(reason, { transport: GRPC }),
    onEnd: (reason) => {
      // Clients go away without a word every day.
      if (reason === 'silent') return
      service.tell('connection-ended', { transport: GRPC, reason, message: ENDS[reason] })
    },
  })
  return {
    counts: server.counts,
    take: (socket) => server.take(socket, socket.remoteAddress ?? (isOnUnixSocket ? UNIX : undefined)),
    drain: () => {
      streams.stop()
      server.drain()
    },
    destroy: () => {
      streams.stop()
      server.destroy()
    },
  }
}
