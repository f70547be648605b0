import { memoryStore, type OnStoreError } from 'headgate'
import { guarded } from 'headgate/resilience'
import { type Fault, faultyStore, type ManualClock, manualClock } from 'headgate/testing'
import { type Config, parseConfig } from '../../src/config/config.ts'
import type { ListenerOptions } from '../../src/listener/listener.ts'
import { createService } from '../../src/service/create-service.ts'
import type { OpenStore, Service } from '../../src/service/service.ts'
import type { Transport } from '../../src/service/transport.ts'

/** A service that no wire serves yet, on memory and a clock that tests move. */
export interface Served extends AsyncDisposable {
  readonly clock: ManualClock
  readonly configuration: Config
  readonly store: OpenStore
  readonly service: Service
  /** Listens by a transport, until the end; answers its URL. */
  listen(make: (service: Service, options: ListenerOptions) => Transport): Promise<string>
}

/** How the store of a case is. */
export interface StoreState {
  readonly fault: Extract<Fault, string>
  readonly onStoreError: OnStoreError
}

/** By this time the store is not given up: what ends first is the time of the caller. */
const STORE_DEADLINE_MS = 60_000

export function serve(file: string, state?: StoreState): Served {
  const clock = manualClock()
  const configuration = parseConfig(file, 'headgate.yaml')
  const store = state === undefined ? healthy(clock) : faulty(clock, state)
  const service = createService({ configuration, store })
  const transports: Transport[] = []
  return {
    clock,
    configuration,
    store,
    service,
    listen: async (make) => {
      const transport = make(service, {
        address: { host: '127.0.0.1', port: 0 },
        flag: '--port',
        maxConnections: 100,
        maxConnectionsPerPeer: 100,
        tls: null,
      })
      transports.push(transport)
      return transport.listen()
    },
    [Symbol.asyncDispose]: async () => {
      for (const transport of transports) await transport.close()
      await service.close()
    },
  }
}

function healthy(clock: ManualClock): OpenStore {
  return { store: memoryStore({ clock }), label: 'memory', resilience: {}, ping: async () => {} }
}

function faulty(clock: ManualClock, { fault, onStoreError }: StoreState): OpenStore {
  const store = faultyStore(memoryStore({ clock }))
  store.always(fault)
  // The limiter, and with it the guard, has time of the same clock.
  const resilience = { onStoreError, replicas: 1, deadlineMs: STORE_DEADLINE_MS, clock }
  return {
    store: guarded(store),
    label: 'faulty',
    resilience,
    ping: async () => {},
  }
}
