/** What observers see of a service, without one: events that a test makes, and keys that are users. */
import type { PolicyOptions } from 'headgate'
import { type Events as EventBook, Events } from '../../src/service/events.ts'
import type { Service } from '../../src/service/service.ts'

const POLICIES: readonly PolicyOptions[] = [
  { name: 'users', key: 'user', rules: ['2/min'] },
  { name: 'other', key: 'user', rules: ['2/min'] },
]

export type EventfulService = Service & { readonly emit: EventBook['emit'] }

export function eventfulService(): EventfulService {
  const events = new Events()
  const service: Partial<EventfulService> = {
    grant: null,
    on: (name, listener) => events.on(name, listener),
    emit: (name, event) => events.emit(name, event),
    configuration: () => ({ hash: 'h', policies: POLICIES, access: { isOpen: true } }) as never,
    keysOf: (who) => {
      const { user } = who as { readonly user: string }
      return POLICIES.map(({ name }) => ({ policy: name, key: user }))
    },
    health: () => HEALTH,
    isDraining: false,
  }
  return service as EventfulService
}

const HEALTH: ReturnType<Service['health']> = {
  store: 'reachable',
  answeredAt: null,
  breaker: 'closed',
  consecutiveFailures: 0,
  lastError: null,
  parts: [],
  decisions: null,
  overloads: 0,
  latency: null,
  replicas: 1,
}
