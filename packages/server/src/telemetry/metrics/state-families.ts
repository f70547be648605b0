import type { Health } from 'headgate'
import type { OpenStore, Service, StoreFigures } from '../../service/service.ts'
import type { FastPathFigures, SentAwayFigures, Transport } from '../../service/transport.ts'
import { family, single } from './catalogue.ts'
import type { Family, Sample } from './metric.ts'

const BREAKER_STATES: readonly Health['breaker'][] = ['closed', 'half-open', 'open']

/** How a service and its transports are now, and what it counts itself. */
export function stateFamilies(
  service: Pick<Service, 'health' | 'configuration' | 'isDraining'>,
  { figures }: Pick<OpenStore, 'figures'>,
  transports: readonly Transport[],
): Family[] {
  const { policies, hash, runtime } = service.configuration()
  return [
    ...storeFamilies(figures?.() ?? {}),
    single('headgate_overloads_total', service.health().overloads),
    single('headgate_policies', policies.length),
    // One series: that of a configuration that was replaced is gone.
    family('headgate_configuration_info', [[[hash], 1]]),
    single('headgate_shadow', runtime?.shadow === true ? 1 : 0),
    single('headgate_draining', service.isDraining ? 1 : 0),
    family('headgate_connections', transports.flatMap(connectionsOf)),
    ...fastPathFamilies(transports.flatMap(({ fastPath }) => fastPath?.() ?? [])),
    ...sentAwayFamilies(transports.flatMap(({ sentAway }) => sentAway?.() ?? [])),
  ]
}

/** How the store is. */
export function healthFamilies(health: Health): Family[] {
  const { store, breaker, consecutiveFailures, replicas, latency } = health
  return [
    single('headgate_store_available', store === 'unreachable' ? 0 : 1),
    single('headgate_store_failures_in_a_row', consecutiveFailures),
    family('headgate_store_latency_seconds', latency === null ? [] : latencySamples(latency)),
    family(
      'headgate_breaker_state',
      BREAKER_STATES.map((state) => [[state], state === breaker ? 1 : 0]),
    ),
    single('headgate_replicas', replicas),
  ]
}

function latencySamples({ p50Ms, p99Ms, maxMs }: NonNullable<Health['latency']>): Sample[] {
  return [
    [['0.5'], p50Ms / 1000],
    [['0.99'], p99Ms / 1000],
    [['1'], maxMs / 1000],
  ]
}

function storeFamilies(stores: Readonly<Record<string, StoreFigures>>): Family[] {
  const of = (read: (figures: StoreFigures) => number | undefined): Sample[] =>
    Object.entries(stores).flatMap(([name, figures]): Sample[] => {
      const value = read(figures)
      return value === undefined ? [] : [[[name], value]]
    })
  return [
    family(
      'headgate_store_keys',
      of(({ keys }) => keys),
    ),
    family(
      'headgate_store_overflows_total',
      of(({ overflowed }) => overflowed),
    ),
    family(
      'headgate_store_unrecognized_total',
      of(({ unrecognized }) => unrecognized),
    ),
  ]
}

/** Without figures they have no samples, but are there: those of other threads are added to them. */
function fastPathFamilies(figures: readonly FastPathFigures[]): Family[] {
  return [
    family(
      'headgate_http_fast_requests_total',
      figures.map(({ answered }) => [[], answered]),
    ),
    family(
      'headgate_http_handed_over_total',
      figures.flatMap(({ handedOver }) => byReason(handedOver)),
    ),
  ]
}

function sentAwayFamilies(figures: readonly SentAwayFigures[]): Family[] {
  return [
    family(
      'headgate_grpc_connections_ended_total',
      figures.flatMap(({ connections }) => byReason(connections)),
    ),
    family(
      'headgate_grpc_calls_shed_total',
      figures.flatMap(({ streams }) => byReason(streams)),
    ),
  ]
}

function byReason(counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([reason, count]) => [[reason], count])
}

function connectionsOf({ name, connections }: Transport): Sample[] {
  return connections === undefined ? [] : [[[name], connections()]]
}
