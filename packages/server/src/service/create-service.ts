import { createLimiter, type Limiter, type Store, type SyncStore, type Who } from 'headgate'
import { isSync, type PartitionedStore } from 'headgate/store'
import { confinedService } from './access/confined-service.ts'
import type { Grant } from './access/grant.ts'
import { TokenLimits } from './access/token-limits.ts'
import { createAnnounce } from './announce.ts'
import { createStateChanges } from './changes/state-changes.ts'
import { createDecide, createDecideAtOnce } from './create-decide.ts'
import { describeFailure } from './describe-failure.ts'
import { Events } from './events.ts'
import { Gates } from './gates.ts'
import { type ConfigurationInForce, InForce } from './in-force.ts'
import { usageOf } from './policy-usage.ts'
import { ReadinessCheck } from './readiness.ts'
import { keysOfReceipts } from './receipt-keys.ts'
import { Reservations } from './reservations.ts'
import { secretCheck } from './secret-check.ts'
import type { Service, ServiceOptions } from './service.ts'
import { shownExplanation } from './shown-explanation.ts'
import { LocalPlaces } from './tally.ts'
import { TokenKeys } from './tokens/token-keys.ts'
import { Tokens } from './tokens/tokens.ts'
import { WAITERS_MAX, Waiting } from './waiting.ts'
import { reaching } from './wire-policy.ts'

/** Creates the service on an open store, which it closes in the end. */
export function createService({
  store: opened,
  configuration,
  whyUnserved = () => null,
  shared = {},
}: ServiceOptions): Service {
  const { store, resilience, ping } = opened
  const events = new Events()
  const { hashKeys } = configuration
  const { policies, lists } = new Gates(configuration)
  const hashed = hashKeys && { hashKeys: { secret: hashKeys.secret.export() } }
  const limiter = createLimiter({ policies, ...lists, store, ...resilience, ...hashed })
  const secrets = secretCheck(opened, hashKeys?.secret)
  void secrets?.run()
  const inForce = new InForce({ limiter, stores: namesOf(store), events, configuration })
  const current = (): ConfigurationInForce => inForce.configuration
  const announce = createAnnounce(events, () => limiter.health())
  const keys = new TokenKeys(opened, current)
  const tokens = new Tokens(keys)
  const reservations = new Reservations({ limiter, tokens, announce, events, configuration: current })
  const { waiters = new LocalPlaces(WAITERS_MAX) } = shared
  const waiting = new Waiting({ limiter, announce, configuration: current, places: waiters })
  const readiness = new ReadinessCheck({
    // Receipts that others take belong to what an instance has to be able to do.
    ping: () => Promise.all([ping(), keys.prepare()]).then(() => void secrets?.run()),
    isStoreDown: () => limiter.health().breaker !== 'closed',
    whyUnserved,
  })
  const tokenLimits = new TokenLimits(shared.tokens)
  const changes = createStateChanges({ limiter, events })
  const decide = createDecide(limiter, announce, current)
  const decideAtOnce = isSync(store)
    ? createDecideAtOnce(limiter as Limiter<SyncStore>, announce, current)
    : null
  // Policies of descriptors that a tree finds are found over every wire.
  const complete = (who: Who): Who => current().limits.complete(who)
  const completed = <R extends { readonly who: Who }>(request: R): R =>
    current().limits.isEmpty ? request : { ...request, who: complete(request.who) }
  // Making one costs as much as a decision.
  const callers = new WeakMap<Grant, Service>()
  const service: Service = {
    grant: null,
    callerOf: (token) => {
      const { access } = inForce.configuration
      if (access.isOpen) return service
      const { settings, grant } = access.find(token)
      tokenLimits.count(settings)
      let caller = callers.get(grant)
      if (caller === undefined) {
        caller = confinedService(service, grant)
        callers.set(grant, caller)
      }
      return caller
    },
    explain: async (who, options) =>
      shownExplanation(await limiter.explain(Gates.complete(complete(who)), options)),
    usage: (who, options = {}) => usageOf(limiter, current().policies, { ...options, who: complete(who) }),
    decide: (requests, options) => decide(requests.map(completed), options),
    decideAtOnce: (request, origin) => decideAtOnce?.(completed(request), origin) ?? null,
    report: (requests, options) => decide(requests.map(completed), { ...options, verb: 'charge' }),
    reserve: (request, options) => reservations.reserve(completed(request), options),
    settle: (text, actual) => reservations.settle(text, actual),
    extend: (text, more, origin) => reservations.extend(text, more, origin),
    wait: (request, options) => waiting.wait(completed(request), options),
    seal: (receipt, domain) => tokens.receipt(receipt, domain),
    spentFrom: (text) => tokens.spentFrom(text),
    refund: async (text, options) => service.giveBack(await tokens.openReceipt(text), options),
    giveBack: async (receipt, options) => {
      const units = await limiter.refund(receipt, options)
      if (units > 0) events.emit('returned', { keys: () => keysOfReceipts([receipt]) })
      return units
    },
    keysOf: (who, options = {}) => limiter.policies.keysOf(complete(who), reaching(options)),
    reset: (who, options) => changes.reset(complete(who), options),
    block: (who, duration, options) => changes.block(complete(who), duration, options),
    unblock: (who, options) => changes.unblock(complete(who), options),
    forget: (keys) => limiter.policies.forget(keys),
    forgetDenials: (keys) => limiter.policies.forgetDenials(keys),
    fail: (reason, { transport }) => {
      const failure = describeFailure(reason)
      events.emit('failure', { failure, transport })
      return failure
    },
    on: (name, listener) => events.on(name, listener),
    tell: (name, event) => events.emit(name, event),
    check: (next) => inForce.check(next),
    apply: (next) => inForce.apply(next),
    reject: (rejection) => inForce.reject(rejection),
    configuration: () => inForce.configuration,
    policies: () => inForce.list(),
    health: () => limiter.health(),
    readiness: async () => ({ ...(await readiness.read()), configuration: inForce.state }),
    drain: () => {
      readiness.drain()
      waiting.stop()
    },
    get isDraining() {
      return readiness.isDraining
    },
    close: async () => {
      await limiter.close()
      await store.close()
    },
  }
  return service
}

/** Of the stores that one is made of; undefined where it is one. */
function namesOf(store: Store): readonly string[] | undefined {
  return 'parts' in store ? (store as PartitionedStore).names : undefined
}
