import type { Decision } from '../core/decision.ts'
import type { JointDecision } from '../core/limiter.ts'
import { type AskStore, type JointRequest, judge } from './judge-requests.ts'

/**
 * Between looking which members of a group pass and spending, others may spend: then it is looked again. A group that
 * still does not pass after so many attempts is denied.
 */
const ATTEMPTS = 3

/**
 * Decides requests together. What only consumes is one atomic decision of the store. Where there are groups, peeks or
 * limits of 0 it is looked first which requests pass, since those alone are spent, and nothing where one is denied.
 */
export async function decideJointly(
  requests: readonly JointRequest[],
  askStore: AskStore,
): Promise<JointDecision> {
  const deniable = requests.filter(({ verb }) => verb === 'consume' || verb === 'peek')
  const looksFirst = deniable.some(
    ({ verb, call, group, fixed }) =>
      group !== null || verb === 'peek' || call.verb === 'peek' || fixed?.allowed === false,
  )
  for (let attempt = 1; ; attempt++) {
    const views = looksFirst ? await judge('peek', deniable, askStore) : new Map<JointRequest, Decision>()
    if (looksFirst && !allPass(deniable, views)) return denial(requests, views, askStore)
    const spenders = deniable.filter(
      (one) => one.verb === 'consume' && one.call.verb === 'consume' && views.get(one)?.allowed !== false,
    )
    const spent = await judge('consume', spenders, askStore)
    const decisions = new Map([...views, ...spent])
    if (spenders.every((one) => decisions.get(one)?.allowed === true)) {
      return admission(requests, decisions, askStore)
    }
    if (!looksFirst || attempt === ATTEMPTS) return denial(requests, decisions, askStore)
  }
}

/** Everything passes: what cannot be denied is carried out now. */
async function admission(
  requests: readonly JointRequest[],
  decisions: Map<JointRequest, Decision>,
  askStore: AskStore,
): Promise<JointDecision> {
  for (const verb of ['charge', 'credit'] as const) {
    const own = requests.filter((one) => one.verb === verb)
    for (const [one, decision] of await judge(verb, own, askStore)) decisions.set(one, decision)
  }
  return { allowed: true, retryAfterMs: 0, decisions: requests.map((one) => decisions.get(one) as Decision) }
}

/** Nothing was spent: of charges and credits it is only told what is left. */
async function denial(
  requests: readonly JointRequest[],
  decisions: Map<JointRequest, Decision>,
  askStore: AskStore,
): Promise<JointDecision> {
  for (const one of requests) {
    if (decisions.has(one)) continue
    const [[, left]] = [...(await judge('peek', [withoutCost(one)], askStore))] as [[unknown, Decision]]
    decisions.set(one, left)
  }
  return {
    allowed: false,
    retryAfterMs: waitOf(membersOf(requests, decisions)),
    decisions: requests.map((one) => decisions.get(one) as Decision),
  }
}

function withoutCost({ call, ...rest }: JointRequest): JointRequest {
  const requests = call.requests.map((request) => ({ ...request, cost: 0 }))
  return { ...rest, call: { ...call, cost: 0, requests } }
}

/** The requests that can deny, those of one group together. */
function membersOf(
  requests: readonly JointRequest[],
  decisions: ReadonlyMap<JointRequest, Decision>,
): Decision[][] {
  const members = new Map<unknown, Decision[]>()
  for (const one of requests) {
    const decision = decisions.get(one)
    if (decision === undefined || one.verb === 'charge' || one.verb === 'credit') continue
    const member = one.group ?? one
    members.set(member, [...(members.get(member) ?? []), decision])
  }
  return [...members.values()]
}

function allPass(requests: readonly JointRequest[], decisions: ReadonlyMap<JointRequest, Decision>): boolean {
  return membersOf(requests, decisions).every((member) => member.some(({ allowed }) => allowed))
}

/** How long until every member passes: of a group the first of its requests; null: never. */
function waitOf(members: readonly (readonly Decision[])[]): number | null {
  const waits = members.map((member) =>
    Math.min(
      ...member.map(({ allowed, retryAfterMs }) =>
        allowed ? 0 : (retryAfterMs ?? Number.POSITIVE_INFINITY),
      ),
    ),
  )
  const longest = Math.max(0, ...waits)
  return longest === Number.POSITIVE_INFINITY ? null : longest
}
