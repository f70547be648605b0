import {
  type Attributes,
  createLimiter,
  type Decision,
  HeadgateError,
  type Health,
  type Limiter,
  type PolicyOptions,
  type ResilienceOptions,
  type Store,
} from 'headgate'
import type { ErrorDescription } from 'headgate/http'
import { type AccessList, accessLists } from './access-lists.ts'
import type { Configuration, NotInForce } from './configuration.ts'
import { listedDecision } from './listed-decision.ts'
import { withinTime } from './time-limit.ts'

/** One question, from any wire. */
export interface Ask {
  readonly attributes: Attributes
  /** Units; what a wire cannot rule out by its types is checked here. */
  readonly cost?: unknown
  /** Asks one policy only. */
  readonly policy?: string
}

/** The store of the service, which may be made of several, with the one question readiness asks. */
export interface OpenStore {
  readonly store: Store
  /** Its URL, or theirs by name, without user, password and options, for people. */
  readonly label: string
  /** What the limiter is told of it; without effect on a store in this process, which cannot fail. */
  readonly resilience: ResilienceOptions
  /** Rejects when the store, or one of them, cannot answer. */
  ping(): Promise<void>
}

/** What a service is made of. */
export interface ServiceOptions extends Configuration {
  readonly store: OpenStore
  /** Told of every decision that was made although the store did not answer. */
  readonly onDegraded?: (health: () => Health) => void
}

/** The policies in force, as every interface shows them. */
export interface PolicyListing {
  readonly hash: string
  readonly policies: readonly PolicyOptions[]
  /** Number of values by attribute: the values may be secrets. */
  readonly allow: Readonly<Record<string, number>>
  readonly deny: Readonly<Record<string, number>>
  readonly notInForce: readonly NotInForce[]
}

/** Why no traffic should be sent here. */
export interface NotReady extends ErrorDescription {
  readonly ready: false
}

/** Whether traffic may be sent here. */
export type Readiness = { readonly ready: true } | NotReady

/** The one thing every transport calls. */
export interface Service {
  consume(ask: Ask): Promise<Decision>
  peek(ask: Ask): Promise<Decision>
  /** Answers the names of the policies reset. */
  reset(ask: Omit<Ask, 'cost'>): Promise<string[]>
  policies(): PolicyListing
  readiness(): Promise<Readiness>
  /** Says no to readiness from now on; requests are still answered. */
  drain(): void
  /** Closes limiter and store. */
  close(): Promise<void>
}

/** A store that takes longer is not ready. */
const PING_LIMIT_MS = 1000

const STORE_DOWN = notReady('store-unavailable', 'the store does not answer')
const STOPPING = notReady('closed', 'shutting down')

/** Creates the service on an open store, which it closes in the end. */
export function createService({ store: opened, ...options }: ServiceOptions): Service {
  const { store } = opened
  const limiter = createLimiter({ policies: options.policies, store, ...opened.resilience })
  const names = new Set(options.policies.map(({ name }) => name))
  const listed = accessLists(options.allow, options.deny)
  const { onDegraded = () => {} } = options
  limiter.on('decision', ({ source }) => {
    if (source === 'fallback' || source === 'open') onDegraded(() => limiter.health())
  })
  const ask = async (
    verb: 'consume' | 'peek',
    { attributes, cost: given, policy }: Ask,
  ): Promise<Decision> => {
    const cost = checkCost(given)
    const verdict = listed(attributes)
    // The lists come before the policies, but an unknown policy is a mistake for everybody.
    if (verdict !== null && (policy === undefined || names.has(policy))) return listedDecision(verdict, cost)
    return judged(await limiter[verb](attributes, policy === undefined ? { cost } : { cost, policy }))
  }
  const ready = readiness(opened, limiter)
  return {
    consume: (request) => ask('consume', request),
    peek: (request) => ask('peek', request),
    reset: async ({ attributes, policy }) => {
      const forgotten = await limiter.reset(attributes, policy === undefined ? {} : { policy })
      if (forgotten.length === 0 && policy === undefined) throw undetermined()
      return forgotten
    },
    policies: () => ({
      hash: options.hash,
      policies: limiter.policies.list(),
      allow: counts(options.allow),
      deny: counts(options.deny),
      notInForce: options.notInForce,
    }),
    ...ready,
    close: async () => {
      await limiter.close()
      await store.close()
    },
  }
}

function checkCost(cost: unknown): number {
  if (cost === undefined) return 1
  if (typeof cost === 'number' && Number.isSafeInteger(cost) && cost >= 0) return cost
  const message = 'a cost is a whole number from 0 to 2^53 - 1'
  throw new HeadgateError('invalid-cost', message, { path: 'cost' })
}

/** Nothing was reset: whoever wanted that named nobody. */
function undetermined(): HeadgateError {
  const message =
    'no policy has a key that these attributes determine; give those of its key, or name the policy'
  return new HeadgateError('invalid-key', message)
}

/** A policy that is closed while the store fails has nothing to say of the request: that is no denial. */
function judged(decision: Decision): Decision {
  if (decision.source !== 'closed') return decision
  throw new HeadgateError('store-unavailable', 'The store does not answer, and a policy is closed meanwhile')
}

function readiness({ ping }: OpenStore, limiter: Limiter): Pick<Service, 'readiness' | 'drain'> {
  let draining = false
  let asking: Promise<Readiness> | null = null
  const askStore = async (): Promise<Readiness> => {
    try {
      await withinTime(ping(), PING_LIMIT_MS)
      return { ready: true }
    } catch {
      return STORE_DOWN
    } finally {
      asking = null
    }
  }
  return {
    readiness: async () => {
      if (draining) return STOPPING
      // Its probes find out when the store is back, also where no request comes.
      if (limiter.health().breaker !== 'closed') return STORE_DOWN
      // Whoever asks meanwhile gets the same answer: probes must not add load to a store in trouble.
      asking ??= askStore()
      return asking
    },
    drain: () => {
      draining = true
    },
  }
}

function counts(list: AccessList): Record<string, number> {
  return Object.fromEntries(Object.entries(list).map(([name, values]) => [name, values.length]))
}

function notReady(code: 'store-unavailable' | 'closed', detail: string): NotReady {
  return { ready: false, code, detail, path: '', retryAfterSeconds: 1 }
}
