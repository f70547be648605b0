import type { Decision } from '../core/decision.ts'
import type { JointDecision } from '../core/limiter.ts'
import { type DecideInStore, evaluate, type JointRequest } from './evaluate-requests.ts'

/**
 * Between the peek that finds which requests pass and the consume that spends them, other callers may spend. The peek is
 * then repeated; after 3 attempts the joint decision is a denial.
 */
const ATTEMPTS = 3

/**
 * Decides requests together. Requests that all consume are one atomic decision of the store. Any-of groups, peeks and
 * limits of 0 need a peek first: it says which requests pass. Only those are spent, and none where the peek denies.
 */
export async function decideJointly(
  requests: readonly JointRequest[],
  decideInStore: DecideInStore,
): Promise<JointDecision> {
  const deniable = requests.filter(({ verb }) => verb === 'consume' || verb === 'peek')
  const peeksFirst = deniable.some(
    ({ verb, call, group, immediate }) =>
      group !== null || verb === 'peek' || call.verb === 'peek' || immediate?.allowed === false,
  )
  for (let attempt = 1; ; attempt++) {
    const peeked = peeksFirst
      ? await evaluate('peek', deniable, decideInStore)
      : new Map<JointRequest, Decision>()
    if (peeksFirst && !allPass(deniable, peeked)) return denial(requests, peeked, decideInStore)
    const spenders = deniable.filter(
      (request) =>
        request.verb === 'consume' &&
        request.call.verb === 'consume' &&
        peeked.get(request)?.allowed !== false,
    )
    const spent = await evaluate('consume', spenders, decideInStore)
    const decisions = new Map([...peeked, ...spent])
    if (spenders.every((request) => decisions.get(request)?.allowed === true)) {
      return admission(requests, decisions, decideInStore)
    }
    if (!peeksFirst || attempt === ATTEMPTS) return denial(requests, decisions, decideInStore)
  }
}

/** All requests pass: the charges and credits, which cannot be denied, are made now. */
async function admission(
  requests: readonly JointRequest[],
  decisions: Map<JointRequest, Decision>,
  decideInStore: DecideInStore,
): Promise<JointDecision> {
  for (const verb of ['charge', 'credit'] as const) {
    const ofVerb = requests.filter((request) => request.verb === verb)
    for (const [request, decision] of await evaluate(verb, ofVerb, decideInStore)) {
      decisions.set(request, decision)
    }
  }
  return { allowed: true, retryAfterMs: 0, decisions: inOrder(requests, decisions) }
}

/** Nothing was spent. Charges and credits are not made; their decisions report what remains. */
async function denial(
  requests: readonly JointRequest[],
  decisions: Map<JointRequest, Decision>,
  decideInStore: DecideInStore,
): Promise<JointDecision> {
  for (const request of requests) {
    if (decisions.has(request)) continue
    const peeked = await evaluate('peek', [withoutCost(request)], decideInStore)
    for (const decision of peeked.values()) decisions.set(request, decision)
  }
  return {
    allowed: false,
    retryAfterMs: longestWait(groupsOf(requests, decisions)),
    decisions: inOrder(requests, decisions),
  }
}

function inOrder(
  requests: readonly JointRequest[],
  decisions: ReadonlyMap<JointRequest, Decision>,
): Decision[] {
  return requests.map((request) => decisions.get(request) as Decision)
}

function withoutCost({ call, ...rest }: JointRequest): JointRequest {
  const requests = call.requests.map((request) => ({ ...request, cost: 0 }))
  return { ...rest, call: { ...call, cost: 0, requests } }
}

/** The decisions that can deny, by any-of group; a request without a group is a group of one. */
function groupsOf(
  requests: readonly JointRequest[],
  decisions: ReadonlyMap<JointRequest, Decision>,
): Decision[][] {
  const groups = new Map<unknown, Decision[]>()
  for (const request of requests) {
    const decision = decisions.get(request)
    if (decision === undefined || request.verb === 'charge' || request.verb === 'credit') continue
    const id = request.group ?? request
    groups.set(id, [...(groups.get(id) ?? []), decision])
  }
  return [...groups.values()]
}

function allPass(requests: readonly JointRequest[], decisions: ReadonlyMap<JointRequest, Decision>): boolean {
  return groupsOf(requests, decisions).every((group) => group.some(({ allowed }) => allowed))
}

/** The wait until every group passes, each by its request with the shortest wait; null: one of them never passes. */
function longestWait(groups: readonly (readonly Decision[])[]): number | null {
  const waits = groups.map((group) =>
    Math.min(
      ...group.map(({ allowed, retryAfterMs }) => (allowed ? 0 : (retryAfterMs ?? Number.POSITIVE_INFINITY))),
    ),
  )
  const longest = Math.max(0, ...waits)
  return longest === Number.POSITIVE_INFINITY ? null : longest
}
