import { createLimiter, memoryStore, type PolicyOptions, type RuleOptions, type RuleView } from 'headgate'

/** What each rule admits at worst, one sentence a rule, as guarantee G1 has it. */
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
      sentences.push(...rules.map((view, i) => `${name}/${view.rule}: ${worstCase(view, policy.rules[i])}`))
  }
  return sentences
}

function worstCase({ limit, rate }: RuleView, options: RuleOptions | string = ''): string {
  const { algorithm, burst, segments = 10 } = typeof options === 'string' ? ({} as RuleOptions) : options
  const window = seconds(rate.windowMs)
  if (limit === 0) return 'denies everything'
  switch (algorithm ?? (burst === undefined ? 'sliding-window' : 'token-bucket')) {
    case 'fixed-window':
      return `at most ${limit} per window of ${window}, so at most ${2 * limit} around an edge`
    case 'sliding-window':
      return `at most ${limit} in any ${seconds(rate.windowMs * (1 - 1 / segments))}`
    case 'sliding-log':
      return `at most ${limit} in any ${window}`
    default:
      return `at most ${limit} at one instant, and ${rate.limit} more each ${window}`
  }
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(12))} s`
}
