import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { isSocketAddress } from '../../listener/listen-address.ts'
import { createListener, type ListenerOptions } from '../../listener/listener.ts'
import type { Service } from '../../service/service.ts'
import type { Transport } from '../../service/transport.ts'
import type { GrpcEngine, GrpcEngineName, GrpcEngineOptions } from './grpc-engine.ts'
import { CONNECTION_AGE_MS } from './grpc-limits.ts'
import { type GrpcServices, grpcMethods } from './methods.ts'
import { createNativeEngine } from './native/engine.ts'
import type { RpcMethod } from './rpc-method.ts'
import { GRPC } from './transport-name.ts'

/** How gRPC listens. */
export interface GrpcOptions extends ListenerOptions {
  /**
   * After how many milliseconds a connection ends, give or take a tenth.
   * @default five minutes
   */
  readonly connectionAgeMs?: number
  /**
   * What serves it.
   * @default 'native'
   */
  readonly engine?: GrpcEngineName
}

type MakeEngine = (service: Service, methods: readonly RpcMethod[], options: GrpcEngineOptions) => GrpcEngine

/** What is not asked for is not loaded: grpc-js takes a quarter of the time to start. */
const ENGINES: Readonly<Record<GrpcEngineName, () => Promise<MakeEngine>>> = {
  native: async () => createNativeEngine,
  'grpc-js': async () => (await import('./grpc-js/engine.ts')).createGrpcJsEngine,
}

/** gRPC as a transport of a service. */
export function createGrpcTransport(
  service: Service,
  { connectionAgeMs = CONNECTION_AGE_MS, engine: name = 'native', ...options }: GrpcOptions,
  services: GrpcServices = { extras: [], hasReflection: false },
): Transport {
  let engine: GrpcEngine | null = null
  const take = (socket: Socket): void => {
    socket.on('error', () => socket.destroy())
    socket.setNoDelay(true)
    engine?.take(socket)
  }
  const { tls } = options
  const server =
    tls === null
      ? createServer(take)
      : createTlsServer({ ...tls.serverOptions(), ALPNProtocols: ['h2'] }, take)
  const listener = createListener(server, options, { service, transport: GRPC })
  return {
    name: GRPC,
    listen: async () => {
      const make = await ENGINES[name]()
      engine = make(service, grpcMethods(services), {
        connectionAgeMs,
        isOnUnixSocket: isSocketAddress(options.address),
        isWorker: options.shared !== undefined,
      })
      return listener.listen(tls === null ? 'grpc' : 'grpcs')
    },
    connections: listener.connections,
    sentAway: () => engine?.counts,
    drain: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      engine?.drain()
      return closed
    },
    close: async () => {
      server.close()
      engine?.destroy()
    },
  }
}
