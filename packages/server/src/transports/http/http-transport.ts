import type { Service } from '../../service/service.ts'
import type { Transport } from '../../service/transport.ts'
import { createListener, type ListenerOptions } from '../listener/listener.ts'
import { createHttpServer } from './server.ts'
import { HTTP } from './transport-name.ts'

/** The HTTP API as a transport of a service. */
export function createHttpTransport(service: Service, options: ListenerOptions): Transport {
  const app = createHttpServer(service)
  const listener = createListener(app.server, options, { service, transport: HTTP })
  return {
    name: HTTP,
    listen: async () => {
      await app.ready()
      return listener.listen('http')
    },
    connections: listener.connections,
    drain: () => app.close(),
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}
