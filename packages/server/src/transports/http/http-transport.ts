import type { Service } from '../../service/service.ts'
import type { Transport } from '../../service/transport.ts'
import { listen } from '../listener/listen.ts'
import { type ListenAddress, urlOf } from '../listener/listen-address.ts'
import { createHttpServer } from './server.ts'
import { HTTP } from './transport-name.ts'

/** Where the API listens. */
export interface HttpOptions {
  readonly address: ListenAddress
}

/** The HTTP API as a transport of a service. */
export function createHttpTransport(service: Service, { address }: HttpOptions): Transport {
  const app = createHttpServer(service)
  return {
    name: HTTP,
    listen: async () => {
      await app.ready()
      return urlOf('http', await listen(app.server, address, { flag: '--port' }))
    },
    drain: () => app.close(),
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}
