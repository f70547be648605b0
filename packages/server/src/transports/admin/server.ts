import type { FastifyInstance } from 'fastify'
import type { TlsInForce } from '../../listener/tls-in-force.ts'
import type { Service } from '../../service/service.ts'
import { createHttpServer } from '../http/server.ts'
import type { AdminParts } from './admin-parts.ts'
import { guardAgainstBrowsers } from './browser-guard.ts'
import { adminRoutes } from './routes.ts'
import { ADMIN } from './transport-name.ts'

/** Creates the server of the admin listener; it does not listen yet. */
export function createAdminServer(
  service: Service,
  parts: AdminParts,
  tls: TlsInForce | null = null,
): FastifyInstance {
  const app = createHttpServer(service, { transport: ADMIN, routes: adminRoutes(parts), tls })
  guardAgainstBrowsers(app, () => service.configuration().admin?.hosts ?? [])
  // They would never end by themselves.
  app.addHook('preClose', (done) => {
    parts.observer.endWatching()
    parts.recordings.end()
    done()
  })
  return app
}
