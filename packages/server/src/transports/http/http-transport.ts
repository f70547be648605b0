import type { AddressInfo } from 'node:net'
import type { Service } from '../../service/service.ts'
import type { Transport } from '../../service/transport.ts'
import { createHttpServer } from './server.ts'
import { HTTP } from './transport-name.ts'

/** Where the API listens. */
export interface HttpOptions {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

/** The HTTP API as a transport of a service. */
export function createHttpTransport(service: Service, { host, port }: HttpOptions): Transport {
  const app = createHttpServer(service)
  return {
    name: HTTP,
    listen: async () => {
      try {
        await app.listen({ host, port })
      } catch (reason) {
        throw listenFailure(reason, { host, port })
      }
      const { port: taken } = app.server.address() as AddressInfo
      return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`
    },
    drain: () => app.close(),
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

function listenFailure(cause: unknown, { host, port }: HttpOptions): Error {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    const fix = 'stop what listens there, or give another with --port'
    return new Error(`port ${port} on ${host} is in use; ${fix}`, { cause })
  }
  if (code === 'EACCES') {
    return new Error(`port ${port} needs more rights; give one above 1023 with --port`, { cause })
  }
  return new Error(`cannot listen on ${host}, port ${port} (${code}); check --host`, { cause })
}
