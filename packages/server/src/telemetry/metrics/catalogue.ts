import type { Family, MetricInfo, Sample } from './metric.ts'

/** Every metric of Headgate itself. The page docs/operations/metrics.md has each of them, which a test compares. */
export const METRICS = {
  headgate_decisions_total: {
    type: 'counter',
    help: 'Decisions that were asked to spend, by the policy and rule that bound them.',
    labels: ['policy', 'rule', 'outcome', 'reason', 'source', 'transport'],
  },
  headgate_peeks_total: {
    type: 'counter',
    help: 'Decisions that spent nothing because the caller only looked.',
    labels: ['outcome', 'transport'],
  },
  headgate_decision_duration_seconds: {
    type: 'histogram',
    help: 'From the call to the decision, without the time for which wait waits.',
    labels: ['source', 'transport'],
  },
  headgate_near_limit_total: {
    type: 'counter',
    help: 'Requests that passed while at most a fifth of the binding rule was left.',
    labels: ['policy', 'rule'],
  },
  headgate_shadow_denials_total: {
    type: 'counter',
    help: 'Requests that a rule in shadow would have denied.',
    labels: ['policy', 'rule'],
  },
  headgate_failures_total: {
    type: 'counter',
    help: 'Requests answered with an error.',
    labels: ['code', 'transport'],
  },
  headgate_token_rejections_total: {
    type: 'counter',
    help: 'Calls whose token was missing or unknown, was not for that, or had sent too many.',
    labels: ['reason'],
  },
  headgate_changes_total: {
    type: 'counter',
    help: 'Resets, blocks and their ends, asked for by a caller.',
    labels: ['action', 'transport'],
  },
  headgate_policy_changes_total: {
    type: 'counter',
    help: 'Changes of policies, and of the switch that puts all in shadow, that were made at run time by this instance.',
    labels: ['action', 'transport'],
    threads: 'one',
  },
  headgate_connections: {
    type: 'gauge',
    help: 'Connections that are open.',
    labels: ['transport'],
    threads: 'one',
  },
  headgate_connections_refused_total: {
    type: 'counter',
    help: 'Connections that were not taken.',
    labels: ['transport', 'reason'],
  },
  headgate_http_fast_requests_total: {
    type: 'counter',
    help: 'Requests over HTTP that the fast path answered.',
  },
  headgate_http_handed_over_total: {
    type: 'counter',
    help: 'Connections of HTTP that the ordinary server went on with, by the reason.',
    labels: ['reason'],
  },
  headgate_grpc_connections_ended_total: {
    type: 'counter',
    help: 'Connections of gRPC that the service ended since their client asked too much or went silent, by the reason.',
    labels: ['reason'],
  },
  headgate_grpc_calls_shed_total: {
    type: 'counter',
    help: 'Calls of gRPC that were not served, by the reason.',
    labels: ['reason'],
  },
  headgate_store_available: {
    type: 'gauge',
    help: '1 where the store answers, or has not been asked yet; else 0.',
    threads: 'one',
  },
  headgate_store_failures_in_a_row: {
    type: 'gauge',
    help: 'Failed calls of the store since the last one that succeeded.',
    threads: 'one',
  },
  headgate_store_latency_seconds: {
    type: 'gauge',
    help: 'How long the store took over the last 10 to 20 seconds; quantile 1 is the longest.',
    labels: ['quantile'],
    threads: 'one',
  },
  headgate_breaker_state: {
    type: 'gauge',
    help: '1 for the state that the breaker of the store is in, 0 for the others.',
    labels: ['state'],
    threads: 'one',
  },
  headgate_store_keys: {
    type: 'gauge',
    help: 'Keys that a store in memory holds.',
    labels: ['store'],
    threads: 'most',
  },
  headgate_store_overflows_total: {
    type: 'counter',
    help: 'Writes of a full store in memory to records that several keys share.',
    labels: ['store'],
    threads: 'most',
  },
  headgate_store_unrecognized_total: {
    type: 'counter',
    help: 'Records of Redis that were corrupt or foreign, and began anew.',
    labels: ['store'],
  },
  headgate_overloads_total: {
    type: 'counter',
    help: 'Decisions whose time ended before the store could be called: this process is overloaded.',
  },
  headgate_replicas: {
    type: 'gauge',
    help: 'Processes that share a limit while the store does not answer.',
    threads: 'one',
  },
  headgate_policies: {
    type: 'gauge',
    help: 'Policies in force.',
    threads: 'one',
  },
  headgate_configuration_info: {
    type: 'gauge',
    help: 'Always 1; the label has the hash of the configuration in force.',
    labels: ['hash'],
    threads: 'one',
  },
  headgate_shadow: {
    type: 'gauge',
    help: '1 while all policies are in shadow, so that nothing is denied; else 0.',
    threads: 'one',
  },
  headgate_configuration_rejected: {
    type: 'gauge',
    help: '1 while the configuration offered last is wrong and an older one is in force; else 0.',
    threads: 'one',
  },
  headgate_reloads_total: {
    type: 'counter',
    help: 'Configurations offered: applied, unchanged after a rejection, or rejected.',
    labels: ['result'],
    threads: 'one',
  },
  headgate_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When the certificate of the listeners expires, in seconds since 1970.',
    threads: 'one',
  },
  headgate_certificate_rejected: {
    type: 'gauge',
    help: '1 while the certificate offered last cannot be used and an older one is shown; else 0.',
    threads: 'one',
  },
  headgate_draining: {
    type: 'gauge',
    help: '1 from the signal to stop on; else 0.',
    threads: 'one',
  },
  headgate_workers: {
    type: 'gauge',
    help: 'Threads that answer clients; fewer than --workers says while one is being replaced.',
  },
  headgate_worker_restarts_total: {
    type: 'counter',
    help: 'Threads that were started in place of others which had crashed.',
  },
  headgate_log_dropped_total: {
    type: 'counter',
    help: 'Lines that could not be written, and are lost.',
    labels: ['output'],
  },
  headgate_proxy_requests_total: {
    type: 'counter',
    help: 'Requests that the proxy forwarded or answered, by what became of them.',
    labels: ['outcome', 'route'],
  },
  headgate_proxy_request_duration_seconds: {
    type: 'histogram',
    help: 'From the head of a request to the end of its response.',
    labels: ['outcome'],
  },
  headgate_proxy_upstream_duration_seconds: {
    type: 'histogram',
    help: 'Until the head of the response of the upstream.',
  },
  headgate_proxy_target_healthy: {
    type: 'gauge',
    help: '1 while a target that was ill gets requests again; 0 while it gets none.',
    labels: ['target'],
    threads: 'least',
  },
} as const satisfies Readonly<Record<string, MetricInfo>>

/** The name of a metric of Headgate. */
export type MetricName = keyof typeof METRICS

/** A metric with its series. */
export function family(name: MetricName, samples: readonly Sample[]): Family {
  return { ...METRICS[name], name, samples }
}

/** A metric without labels. */
export function single(name: MetricName, value: number): Family {
  return family(name, [[[], value]])
}
