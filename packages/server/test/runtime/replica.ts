/** A replica of the service as `headgate serve` puts it together, but for listeners: what it reads, it reads when it is told. */
import type { Store } from 'headgate'
import type { DocumentStore } from 'headgate/store'
import { parseConfig } from '../../src/config/config.ts'
import { Overlay } from '../../src/config/runtime/overlay.ts'
import { RuntimeChanges } from '../../src/config/runtime/runtime-changes.ts'
import { createService } from '../../src/service/create-service.ts'
import type { ServiceEvents } from '../../src/service/events.ts'
import type { PolicyListing } from '../../src/service/policy-listing.ts'
import type { Service } from '../../src/service/service.ts'

export const OPEN_FILE = `
runtime: { policies: true }
policies: [{ name: api, match: { path: /api/** }, key: user, rules: [10/min] }]
`

export interface Replica {
  readonly service: Service
  readonly changes: RuntimeChanges
  readonly overlay: Overlay
  readonly changed: ServiceEvents['policy-change'][]
  listing(): PolicyListing
  /** Another file. */
  load(text: string): Promise<void>
  /** Whether a request passes, which is counted. */
  passes(user: string, path?: string): Promise<boolean>
}

const FILE = 'headgate.yaml'

export function openReplica(store: Store & DocumentStore, text: string = OPEN_FILE): Replica {
  const config = parseConfig(text, FILE)
  const service = createService({
    configuration: config,
    store: { store, label: 'test', resilience: {}, ping: async () => {} },
  })
  const overlay = new Overlay(config, service)
  const changes = new RuntimeChanges({ store, overlay, service, file: `/etc/${FILE}`, nowMs: () => 1000 })
  const changed: ServiceEvents['policy-change'][] = []
  service.on('policy-change', (event) => changed.push(event))
  return {
    service,
    changes,
    overlay,
    changed,
    listing: () => service.policies(),
    load: (next) => overlay.apply(parseConfig(next, FILE, { open: ['main'] })),
    passes: async (user, path = '/api/x') => {
      const { decisions } = await service.decide([{ who: { user, path } }], { transport: 'test' })
      return decisions[0]?.allowed === true
    },
  }
}

export const request = { transport: 'test', expected: 'any' } as const
export const fresh = { transport: 'test', expected: 'none' } as const
