import {
  createLimiter,
  memoryStore,
  type PolicyOptions,
  parseDuration,
  type RuleOptions,
  type RuleView,
} from 'headgate'

/** What each rule admits at worst, one sentence a rule, as guarantee G1 has it, or G8 with leases. */
export async function worstCases(policies: readonly PolicyOptions[]): Promise<string[]> {
  // Wherever the budgets live.
  const anywhere = policies.map(({ store: _, ...policy }) => policy)
  const limiter = createLimiter({ policies: anywhere, store: memoryStore() })
  const sentences: string[] = []
  for (const policy of policies) {
    const parts = [policy.key ?? 'key'].flat()
    const attributes = Object.fromEntries(parts.map((part) => [part, 'anyone']))
    const { rules } = await limiter.peek(attributes, { policy: policy.name })
    const name = policy.mode === 'off' ? `${policy.name} (off)` : policy.name
    if (rules.length < policy.rules.length) sentences.push(`${name}: denies everything`)
    else
      sentences.push(
        ...rules.map((view, i) => `${name}/${view.rule}: ${withLease(policy, view, policy.rules[i])}`),
      )
  }
  return sentences
}

/** What a lease adds: in an interval t as much as the rule admits in t and the lifetime of the lease. */
function withLease({ lease }: PolicyOptions, view: RuleView, options: RuleOptions | string = ''): string {
  const leaseMs = lease === undefined ? 0 : parseDuration(lease.lifetime ?? '200ms', 'lease.lifetime')
  const sentence = worstCase(view, typeof options === 'string' ? {} : options, leaseMs)
  return leaseMs === 0 || view.limit === 0 ? sentence : `${sentence}, with leases of ${seconds(leaseMs)}`
}

function worstCase({ limit, rate }: RuleView, options: Partial<RuleOptions>, leaseMs: number): string {
  const { algorithm, burst, segments = 10 } = options
  const { windowMs } = rate
  if (limit === 0) return 'denies everything'
  switch (algorithm ?? (burst === undefined ? 'sliding-window' : 'token-bucket')) {
    case 'fixed-window':
      // No lease goes beyond an edge.
      return `at most ${limit} per window of ${seconds(windowMs)}, so at most ${2 * limit} around an edge`
    case 'sliding-window':
      return atMostInAny(limit, windowMs * (1 - 1 / segments), leaseMs)
    case 'sliding-log':
      return atMostInAny(limit, windowMs, leaseMs)
    default: {
      const more = Math.floor((rate.limit * leaseMs) / windowMs)
      return `at most ${limit + more} at one instant, and ${rate.limit} more each ${seconds(windowMs)}`
    }
  }
}

/** As many windows as it takes for something of them to be left without the lease. */
function atMostInAny(limit: number, windowMs: number, leaseMs: number): string {
  const windows = Math.floor(leaseMs / windowMs) + 1
  return `at most ${windows * limit} in any ${seconds(windows * windowMs - leaseMs)}`
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(12))} s`
}
