import type { ListenerOptions } from '../../listener/listener.ts'
import type { Service } from '../../service/service.ts'
import type { Transport } from '../../service/transport.ts'
import { appTransport } from './app-transport.ts'
import { createHttpServer } from './server.ts'
import { HTTP } from './transport-name.ts'

/** The HTTP API as a transport of a service. */
export function createHttpTransport(service: Service, options: ListenerOptions): Transport {
  const app = createHttpServer(service, { tls: options.tls })
  return appTransport(app, { ...options, service, name: HTTP })
}
