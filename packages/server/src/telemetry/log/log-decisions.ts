import type { Logger } from 'pino'
import type { DecisionLogSettings } from '../../service/configuration.ts'
import type { DecisionMade } from '../../service/events.ts'
import type { Service } from '../../service/service.ts'
import { keysIn } from './keys-in.ts'
import { LineBudget } from './line-budget.ts'

/** What decides which decisions are logged, beside the configuration. */
export interface DecisionLogOptions {
  /**
   * A number from 0, less than 1.
   * @default Math.random
   */
  readonly random?: () => number
  /**
   * How many lines pass.
   * @default one of its own
   */
  readonly budget?: LineBudget
}

/** Logs a share of the decisions, as `log.decisions` of the configuration in force says; none where it says nothing. */
export function logDecisions(
  log: Logger,
  service: Pick<Service, 'on' | 'configuration' | 'keysOf'>,
  { random = Math.random, budget = new LineBudget() }: DecisionLogOptions = {},
): void {
  service.on('decision', (event) => {
    const settings = service.configuration().log?.decisions
    if (settings === undefined) return
    const share = event.decision.allowed ? settings.allowed : settings.denied
    // What is never or always logged needs no number.
    if (share === 0 || (share < 1 && random() >= share)) return
    const withheld = budget.take(settings.perSecond)
    if (withheld !== null) log.info(fieldsOf(event, { settings, service, share, withheld }), 'decision')
  })
}

interface Shown {
  readonly settings: DecisionLogSettings
  readonly service: Pick<Service, 'keysOf'>
  readonly share: number
  readonly withheld: number
}

/** A decision without whom it is about, unless keys are hashed and wanted. */
function fieldsOf(
  { decision, id, verb, transport, actor, cost, durationMs, request }: DecisionMade,
  { settings, service, share, withheld }: Shown,
): object {
  const { allowed, reason, source, policy, rule, limit, remaining, retryAfterMs } = decision
  return {
    ...(id !== null && { id }),
    verb,
    transport,
    ...(actor !== undefined && { actor }),
    allowed,
    reason,
    source,
    policy,
    rule,
    limit,
    remaining,
    cost,
    ...(allowed ? {} : { retryAfterMs }),
    durationMs: Math.round(durationMs * 1000) / 1000,
    ...(settings.keys && { keys: keysIn(service, request) }),
    ...(share < 1 && { share }),
    ...(withheld > 0 && { withheld }),
  }
}
