import type { ServiceEvents } from '../service/events.ts'
import type { Service } from '../service/service.ts'

/** What happens to requests, in the thread that answers them; of all else the coordinator tells, once for all threads. */
const OF_REQUESTS: readonly (keyof ServiceEvents)[] = [
  'decision',
  'failure',
  'degraded',
  'near-limit',
  'change',
  'connection-refused',
  'connection-ended',
  'proxied',
  'target-health',
  'csp-report',
]

/** A service of a worker, of whose events those are heard that are about its own requests. */
export function requestEvents(service: Service): Service {
  return {
    ...service,
    get isDraining() {
      return service.isDraining
    },
    on: (name, listener) => (OF_REQUESTS.includes(name) ? service.on(name, listener) : () => {}),
  }
}
