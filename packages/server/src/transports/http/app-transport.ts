import type { FastifyInstance } from 'fastify'
import { createListener, type ListenerOptions } from '../../listener/listener.ts'
import type { Service } from '../../service/service.ts'
import type { Transport } from '../../service/transport.ts'
import type { FastPath } from './fast/fast-path.ts'

/** What an HTTP server is a transport of, by which name. */
export interface AppTransportOptions extends ListenerOptions {
  readonly service: Service
  readonly name: string
  /**
   * That of the server.
   * @default it has none
   */
  readonly fastPath?: FastPath
}

/** An HTTP server as a transport. */
export function appTransport(
  app: FastifyInstance,
  { service, name, fastPath, ...options }: AppTransportOptions,
): Transport {
  const listener = createListener(app.server, options, { service, transport: name })
  return {
    name,
    listen: async () => {
      await app.ready()
      return listener.listen(options.tls === null ? 'http' : 'https')
    },
    connections: listener.connections,
    drain: () => {
      fastPath?.drain()
      return app.close()
    },
    close: async () => {
      fastPath?.destroyAll()
      app.server.closeAllConnections()
      await app.close()
    },
  }
}
