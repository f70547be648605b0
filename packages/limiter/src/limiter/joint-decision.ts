import type { Decision } from '../core/decision.ts'
import type { JointDecision } from '../core/limiter.ts'
import type { Receipt } from '../core/receipt.ts'
import { evaluate, type JointRequest } from './evaluate-requests.ts'
import type { DecideInStore } from './prepared-call.ts'
import { clash, layersOf } from './request-layers.ts'
import { costIn } from './rule-views.ts'

/** What joint decisions need of the limiter. */
export interface JointDeps {
  readonly decideInStore: DecideInStore
  /** Gives back one spend. */
  readonly refund: (receipt: Receipt) => Promise<unknown>
}

type Decisions = Map<JointRequest, Decision>

/**
 * Between the peek that finds which requests pass and the consume that spends them, other callers may spend. The peek is
 * then repeated; after 3 attempts the joint decision is a denial.
 */
const ATTEMPTS = 3

/** Decides requests together. Create one for each joint decision. */
export class JointDecider {
  readonly #requests: readonly JointRequest[]
  readonly #deps: JointDeps
  /** Receipts of what was spent so far, to be given back where the rest cannot be spent. */
  #spent: Receipt[] = []

  constructor(requests: readonly JointRequest[], deps: JointDeps) {
    this.#requests = requests
    this.#deps = deps
  }

  /**
   * Requests that all consume are one atomic decision of the store. Any-of groups, peeks and limits of 0 need a peek first: it
   * says which requests pass. Only those are spent, and none where the peek denies.
   */
  async decide(): Promise<JointDecision> {
    for (let attempt = 1; ; attempt++) {
      const peeked = this.#peeksFirst ? await this.#peek() : new Map<JointRequest, Decision>()
      if (this.#peeksFirst && !this.#allPass(peeked)) return this.#denial(peeked)
      const spenders = this.#spendersOf(peeked)
      const spent = await this.#spend('consume', spenders)
      const decisions = new Map([...peeked, ...spent])
      if (spenders.every((request) => spent.get(request)?.allowed === true)) return this.#admission(decisions)
      if (this.#peeksFirst && attempt < ATTEMPTS) continue
      // What was spent in layers before the denied one was given back, so that its decisions are out of date.
      return this.#denial(layersOf(spenders).length > 1 ? await this.#peek() : decisions)
    }
  }

  get #peeksFirst(): boolean {
    return this.#requests.some(
      ({ verb, call, group, immediate }) =>
        group !== null || verb === 'peek' || call.verb === 'peek' || immediate?.allowed === false,
    )
  }

  /** The decision on each request that can be denied, as if it and those that have to pass with it were consumed. */
  async #peek(): Promise<Decisions> {
    const decisions: Decisions = new Map()
    const [first = [], ...others] = layersOf(this.#requests.filter(isDeniable))
    const required = first.filter(({ group }) => group === null)
    for (const layer of [first, ...others]) {
      const beside =
        layer === first ? [] : required.filter((one) => !layer.some((other) => clash(one, other)))
      const evaluated = await this.#evaluateApart([...layer, ...beside])
      for (const request of layer) decisions.set(request, evaluated.get(request) as Decision)
    }
    return decisions
  }

  /** Peeks at requests together; one by one while the store fails and a closed policy would answer for all of them. */
  async #evaluateApart(requests: readonly JointRequest[]): Promise<Decisions> {
    const { decideInStore } = this.#deps
    const together = await evaluate('peek', requests, decideInStore)
    if (![...together.values()].some(({ source }) => source === 'closed')) return together
    const apart: Decisions = new Map()
    for (const request of requests) {
      for (const entry of await evaluate('peek', [request], decideInStore)) apart.set(...entry)
    }
    return apart
  }

  /** What is to be spent: of the requests of a group under one key the first that passes. */
  #spendersOf(peeked: Decisions): JointRequest[] {
    const spenders: JointRequest[] = []
    for (const request of this.#requests) {
      if (request.verb !== 'consume' || request.call.verb !== 'consume') continue
      if (peeked.get(request)?.allowed === false) continue
      const isAlternative = spenders.some((other) => other.group === request.group && clash(request, other))
      if (request.group === null || !isAlternative) spenders.push(request)
    }
    return spenders
  }

  /** Spends layer by layer; where one is denied or fails, what was spent before is given back. */
  async #spend(verb: 'consume' | 'charge' | 'credit', requests: readonly JointRequest[]): Promise<Decisions> {
    const decisions: Decisions = new Map()
    for (const layer of layersOf(requests)) {
      const evaluated = await this.#evaluateOrUndo(verb, layer)
      for (const [request, decision] of evaluated) decisions.set(request, decision)
      if ([...evaluated.values()].some(({ allowed }) => !allowed)) {
        await this.#undo()
        return decisions
      }
      for (const { receipt } of evaluated.values()) if (receipt !== null) this.#spent.push(receipt)
    }
    return decisions
  }

  async #evaluateOrUndo(
    verb: 'consume' | 'charge' | 'credit',
    layer: readonly JointRequest[],
  ): Promise<Decisions> {
    try {
      return await evaluate(verb, layer, this.#deps.decideInStore)
    } catch (reason) {
      await this.#undo()
      throw reason
    }
  }

  async #undo(): Promise<void> {
    const receipts = this.#spent
    this.#spent = []
    // A store that fails meanwhile keeps the units until they drain, as with any refund that is lost.
    await Promise.allSettled(receipts.map((receipt) => this.#deps.refund(receipt)))
  }

  /** All requests pass: charges and credits are made now. A charge can only fail with the store. */
  async #admission(decisions: Decisions): Promise<JointDecision> {
    for (const verb of ['charge', 'credit'] as const) {
      const ofVerb = this.#requests.filter((request) => request.verb === verb)
      const made = await this.#spend(verb, ofVerb)
      const failed = [...made].filter(([, { allowed }]) => !allowed)
      if (failed.length > 0) return this.#denial(new Map([...(await this.#peek()), ...failed]))
      for (const [request, decision] of made) decisions.set(request, decision)
    }
    return { allowed: true, retryAfterMs: 0, decisions: this.#inOrder(decisions) }
  }

  /** Nothing was spent. Charges and credits are not made; their decisions report what remains. */
  async #denial(decisions: Decisions): Promise<JointDecision> {
    const others = this.#requests.filter((request) => !decisions.has(request))
    const originals = new Map(others.map((request) => [withoutCost(request), request]))
    for (const layer of layersOf([...originals.keys()])) {
      for (const [view, decision] of await evaluate('peek', layer, this.#deps.decideInStore)) {
        const request = originals.get(view) as JointRequest
        decisions.set(request, { ...decision, cost: costIn(request.call, decision.policy) })
      }
    }
    return {
      allowed: false,
      retryAfterMs: longestWait(this.#groups(decisions)),
      decisions: this.#inOrder(decisions),
    }
  }

  #inOrder(decisions: Decisions): Decision[] {
    return this.#requests.map((request) => {
      const decision = decisions.get(request) as Decision
      // Of a credit that was not made, because nothing matches or the others do not pass.
      return request.verb === 'credit' && !('credited' in decision) ? { ...decision, credited: 0 } : decision
    })
  }

  #allPass(decisions: Decisions): boolean {
    return this.#groups(decisions).every((group) => group.some(({ allowed }) => allowed))
  }

  /** The decisions that can deny, by any-of group; a request without a group is a group of one. */
  #groups(decisions: Decisions): Decision[][] {
    const groups = new Map<unknown, Decision[]>()
    for (const request of this.#requests) {
      const decision = decisions.get(request) ?? request.immediate
      if (decision === null || (decision.allowed && !isDeniable(request))) continue
      const id = request.group ?? request
      groups.set(id, [...(groups.get(id) ?? []), decision])
    }
    return [...groups.values()]
  }
}

function isDeniable({ verb }: JointRequest): boolean {
  return verb === 'consume' || verb === 'peek'
}

function withoutCost({ call, ...rest }: JointRequest): JointRequest {
  const requests = call.requests.map((request) => ({ ...request, cost: 0 }))
  return { ...rest, call: { ...call, cost: 0, requests } }
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
