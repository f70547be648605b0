import type { ListenerOptions } from '../../listener/listener.ts'
import type { Service } from '../../service/service.ts'
import type { Transport } from '../../service/transport.ts'
import { appTransport } from '../http/app-transport.ts'
import type { AdminParts } from './admin-parts.ts'
import { createAdminServer } from './server.ts'
import { ADMIN } from './transport-name.ts'

/** Where the admin listener listens, and what it shows. */
export interface AdminOptions extends ListenerOptions {
  readonly parts: AdminParts
}

/** What operators use of a service, on a listener of its own: to see what it does, and to change that. */
export function createAdminTransport(service: Service, { parts, ...options }: AdminOptions): Transport {
  return appTransport(createAdminServer(service, parts, options.tls), { ...options, service, name: ADMIN })
}
