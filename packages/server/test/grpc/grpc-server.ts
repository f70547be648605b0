/** gRPC over real sockets, on memory with a clock that tests move, and clients of grpc-js that read `.proto` files themselves. */
import { join } from 'node:path'
import {
  type CallOptions,
  type ChannelCredentials,
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { memoryStore, type Store } from 'headgate'
import { guarded } from 'headgate/resilience'
import { faultyStore, type ManualClock, manualClock } from 'headgate/testing'
import { parseConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service/create-service.ts'
import type { OpenStore, Service } from '../../src/service/service.ts'
import type { Transport } from '../../src/service/transport.ts'
import type { GrpcEngineName } from '../../src/transports/grpc/grpc-engine.ts'
import { createGrpcTransport, type GrpcOptions } from '../../src/transports/grpc/grpc-transport.ts'
import type { GrpcServices } from '../../src/transports/grpc/methods.ts'

const OURS = join(import.meta.dirname, '../../proto')
const CLIENTS = join(import.meta.dirname, '../fixtures/clients')

export interface GrpcServer extends AsyncDisposable {
  readonly service: Service
  readonly clock: ManualClock
  /** As clients take it. */
  readonly target: string
  readonly transport: Transport
  readonly drain: () => void
}

const POLICIES = 'policies: [{ name: api, key: user, rules: [{ limit: 5/min, burst: 5 }] }]'

/** Serves a configuration: `await using server = await grpcServer()`. */
export async function grpcServer(
  config = POLICIES,
  store?: { readonly store: Store } & Partial<OpenStore>,
  services: Partial<GrpcServices> = {},
  options: Partial<GrpcOptions> = {},
): Promise<GrpcServer> {
  const clock = manualClock()
  const service = createService({
    configuration: parseConfig(config, 'headgate.yaml'),
    store: { store: memoryStore({ clock }), label: 'memory', resilience: {}, ping: async () => {}, ...store },
  })
  const listener: GrpcOptions = {
    address: { host: '127.0.0.1', port: 0 },
    flag: '--grpc-port',
    maxConnections: 1000,
    maxConnectionsPerPeer: 1000,
    tls: null,
    ...options,
  }
  const transport = createGrpcTransport(service, listener, {
    extras: [],
    hasReflection: false,
    ...services,
  })
  const url = await transport.listen()
  const target = url.startsWith('unix:') ? url : new URL(url).host
  return {
    service,
    clock,
    target,
    transport,
    drain: () => void transport.drain(),
    [Symbol.asyncDispose]: async () => {
      await transport.close()
      await service.close()
    },
  }
}

/** The same, by one engine. */
export function servedBy(engine: GrpcEngineName): typeof grpcServer {
  return (config, store, services, options) => grpcServer(config, store, services, { engine, ...options })
}

/** A store that fails at once, always. */
export function failingStore(): { readonly store: Store } & Partial<OpenStore> {
  const store = faultyStore(memoryStore())
  store.always('fail')
  const ping = (): Promise<never> => Promise.reject(new Error('down'))
  return { store: guarded(store), label: 'failing', ping }
}

/** What a client may say with a call. */
export interface Said {
  readonly metadata?: Readonly<Record<string, string>>
  readonly deadlineMs?: number
}

/** A client of one service. */
export class GrpcClient implements Disposable {
  // biome-ignore lint/suspicious/noExplicitAny: methods come from a file
  readonly #client: any

  constructor(
    target: string,
    [file, name]: readonly [file: string, service: string],
    channel: ChannelCredentials = credentials.createInsecure(),
  ) {
    const loaded = loadSync(file, {
      includeDirs: [OURS, CLIENTS],
      longs: Number,
      enums: String,
      defaults: true,
      oneofs: false,
    })
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const found: any = name.split('.').reduce((at: any, step) => at[step], loadPackageDefinition(loaded))
    this.#client = new (found as ServiceClientConstructor)(target, channel)
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever they expect
  ask(method: string, message: object, said: Said = {}): Promise<any> {
    return new Promise((resolve, reject) => {
      this.#client[method](
        message,
        metadataOf(said),
        optionsOf(said),
        (error: ServiceError | null, answer: unknown) => (error === null ? resolve(answer) : reject(error)),
      )
    })
  }

  watch(method: string, message: object, said: Said = {}): ClientReadableStream<unknown> {
    return this.#client[method](message, metadataOf(said), optionsOf(said))
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  exchange(method: string, said: Said = {}): ClientDuplexStream<any, any> {
    return this.#client[method](metadataOf(said), optionsOf(said))
  }

  [Symbol.dispose](): void {
    ;(this.#client as Client).close()
  }
}

function metadataOf({ metadata = {} }: Said): Metadata {
  const fields = new Metadata()
  for (const [name, value] of Object.entries(metadata)) fields.set(name, value)
  return fields
}

function optionsOf({ deadlineMs }: Said): CallOptions {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }
}

export const LIMITER = ['headgate/v1/headgate.proto', 'headgate.v1.RateLimiter'] as const
export const HEALTH = ['grpc/health/v1/health.proto', 'grpc.health.v1.Health'] as const
export const RLS = ['rls.proto', 'envoy.service.ratelimit.v3.RateLimitService'] as const
export const LIMITR = ['limitr.proto', 'limitr.v1.RateLimiterService'] as const
export const GUARDIAN = ['guardian.proto', 'guardian.RateLimiter'] as const
export const REFLECTION = [
  'grpc/reflection/v1/reflection.proto',
  'grpc.reflection.v1.ServerReflection',
] as const
export const REFLECTION_ALPHA = [
  'grpc/reflection/v1alpha/reflection.proto',
  'grpc.reflection.v1alpha.ServerReflection',
] as const
