import type { Decision, JointDecision, LimitRequest } from 'headgate'
import { windowDenial } from 'headgate/http'
import type { DecideOptions } from '../create-decide.ts'
import type { ConfigurationInForce } from '../in-force.ts'
import type { Service } from '../service.ts'
import { whenKnown } from '../when-known.ts'
import { checkRequest } from './check-request.ts'
import { watchLateCosts } from './late-costs.ts'
import type { RateLimitRequest, RateLimitResponse } from './messages.ts'
import { type DescriptorAsk, type Plan, planDescriptors } from './plan-descriptors.ts'
import { metadataOf, responseHeaders } from './response-fields.ts'
import { type Judged, statusesOf } from './statuses.ts'

/** What a transport says of a call. */
export interface RateLimitCall extends Pick<DecideOptions, 'transport' | 'deadlineMs'> {
  /**
   * Milliseconds since 1970, for the end of windows that nothing was spent in.
   * @default Date.now
   */
  readonly now?: () => number
}

/** The answer, with what wires say beside it. */
export interface RateLimitAnswer {
  readonly response: RateLimitResponse
  /** As in a decision; 0 where the request passes. */
  readonly retryAfterMs: number | null
  readonly inForce: ConfigurationInForce
}

type Asked = Pick<Service, 'decide' | 'decideAtOnce' | 'report' | 'configuration' | 'grant'>

/**
 * Answers a call of Envoy's rate limit protocol. All descriptors pass and are counted, or none is, but for hits that are given
 * back, which always are, and hits above 1 of trees of descriptors, which count also where they cross the limit. Quotas deny
 * where all quotas of the request do. A promise only where something has to be waited for.
 */
export function shouldRateLimit(
  service: Asked,
  request: RateLimitRequest,
  call: RateLimitCall,
): RateLimitAnswer | Promise<RateLimitAnswer> {
  checkRequest(request)
  const inForce = service.configuration()
  const planned = planDescriptors(request, inForce)
  return whenKnown(planned, (plans) => {
    const asks = plans.filter(isAsk)
    // Nobody else looks at what is decided without the limiter.
    if (asks.length === 0) service.grant?.need('consume')
    service.grant?.checkDomain(request.domain)
    const judged = judgedAtOnce(service, asks, call) ?? judgedLater(service, asks, call)
    return whenKnown(judged, (known) => answerOf(request, { plans, judged: known, inForce }, call))
  })
}

/** What became of all that the limiter was asked. */
interface AllJudged extends Pick<JointDecision, 'allowed' | 'retryAfterMs'> {
  /** Of a descriptor that was asked about. */
  readonly of: (ask: DescriptorAsk) => Judged
}

/** Most requests have one descriptor, of which most stores know at once; null for any other. */
function judgedAtOnce(
  service: Asked,
  asks: readonly DescriptorAsk[],
  { transport }: RateLimitCall,
): AllJudged | null {
  const [ask] = asks
  if (ask === undefined || asks.length > 1 || ask.request.verb === 'credit' || mayComeLate(ask)) return null
  const joint = decidedAtOnce(service, ask, transport)
  if (joint === null) return null
  const { allowed, retryAfterMs } = joint
  const decision = decisionAt(joint, 0)
  const judged = { decision, isSpent: allowed && passes(decision) }
  return { allowed, retryAfterMs, of: () => judged }
}

function decidedAtOnce(service: Asked, ask: DescriptorAsk, transport: string): JointDecision | null {
  try {
    return service.decideAtOnce(ask.request, { transport })
  } catch (reason) {
    return denied(reason, [ask])
  }
}

async function judgedLater(
  service: Asked,
  asks: readonly DescriptorAsk[],
  { transport, deadlineMs }: RateLimitCall,
): Promise<AllJudged> {
  const call = { transport, ...(deadlineMs !== undefined && { deadlineMs }) }
  const decide = async (chosen: readonly DescriptorAsk[]): Promise<JointDecision> =>
    chosen.length === 0
      ? NOTHING
      : service
          .decide(
            chosen.map((one) => one.request),
            call,
          )
          .catch((reason) => denied(reason, chosen))
  const [credits, spends] = [true, false].map((isCredit) =>
    asks.filter(({ request: { verb } }) => (verb === 'credit') === isCredit),
  ) as [DescriptorAsk[], DescriptorAsk[]]
  // Given back first, so that it is there for the others.
  const credited = await decide(credits)
  const joint = await decide(spends)
  const { allowed, retryAfterMs } = joint
  const byPlan = new Map<DescriptorAsk, Judged>([
    ...credits.map((one, i) => [one, { decision: decisionAt(credited, i), isSpent: false }] as const),
    ...spends.map((one, i) => {
      const decision = decisionAt(joint, i)
      return [one, { decision, isSpent: allowed && passes(decision) }] as const
    }),
  ])
  const late = spends.filter((one) => mayComeLate(one) && byPlan.get(one)?.isSpent === false)
  const reported = late.length === 0 ? NOTHING : await service.report(late.map(reportOf), call)
  for (const [i, one] of late.entries()) {
    byPlan.set(one, { ...(byPlan.get(one) as Judged), late: decisionAt(reported, i) })
  }
  return { allowed, retryAfterMs, of: (ask) => byPlan.get(ask) as Judged }
}

/** Whether hits are counted also where they cross the limit. */
function mayComeLate({ countsAnyway, request: { cost } }: DescriptorAsk): boolean {
  return countsAnyway && cost > 1
}

const NOTHING: JointDecision = { allowed: true, retryAfterMs: 0, decisions: [] }

function isAsk(plan: Plan): plan is DescriptorAsk {
  return plan.kind === 'ask'
}

function reportOf({ request }: DescriptorAsk): LimitRequest {
  const { anyOf: _, verb: _v, ...rest } = request
  return rest
}

function decisionAt({ decisions }: JointDecision, position: number): Decision {
  return decisions[position] as Decision
}

/** Where descriptors bring more windows to a key than it holds, those with a limit of their own are over it. */
function denied(reason: unknown, asks: readonly DescriptorAsk[]): JointDecision {
  const denial = windowDenial(reason, 1)
  const { retryAfterMs } = denial
  const unjudged = { ...denial, allowed: true, reason: 'unmatched', retryAfterMs: 0 } as Decision
  const decisions = asks.map(({ request }) => (request.rule === undefined ? unjudged : denial))
  return { allowed: false, retryAfterMs, decisions }
}

function passes({ allowed, shadow, rules }: Decision): boolean {
  return allowed && (rules.length > 0 || shadow.every((view) => view.allowed))
}

interface Answered {
  readonly plans: readonly Plan[]
  readonly judged: AllJudged
  readonly inForce: ConfigurationInForce
}

function answerOf(
  request: RateLimitRequest,
  { plans, judged, inForce }: Answered,
  { now = Date.now }: RateLimitCall,
): RateLimitAnswer {
  const { allowed, retryAfterMs } = judged
  for (const plan of plans) if (isAsk(plan)) watchLateCosts(plan, judged.of(plan).decision, inForce)
  const outcomes = statusesOf(plans, judged.of, now())
  const dynamicMetadata = metadataOf(request, outcomes)
  const response: RateLimitResponse = {
    overallCode: allowed ? 'OK' : 'OVER_LIMIT',
    statuses: outcomes.map(({ status }) => status),
    responseHeadersToAdd: responseHeaders(outcomes, inForce.http?.headers),
    ...(dynamicMetadata !== null && { dynamicMetadata }),
  }
  return { response, retryAfterMs, inForce }
}
