import type { Decision, JointDecision, Limiter, LimitRequest, SyncStore } from 'headgate'
import { windowDenial } from 'headgate/http'
import type { Verb } from 'headgate/store'
import type { Announce } from './announce.ts'
import { checkJudged } from './check-judged.ts'
import { atField, describeFailure } from './describe-failure.ts'
import { type CallOrigin, originOf } from './events.ts'
import type { ConfigurationInForce } from './in-force.ts'

/** Options of `decide`. */
export interface DecideOptions extends CallOrigin {
  /**
   * Of requests that say none.
   * @default 'consume'
   */
  readonly verb?: Verb
  /** How long the caller can wait, in milliseconds, where that is less than the store may take. */
  readonly deadlineMs?: number
}

/** A decision, with the configuration that it was made under: another one may be in force by the time of the answer. */
export interface Decided extends JointDecision {
  /** By which each denial is found again; null for what passed. */
  readonly ids: readonly (string | null)[]
  readonly inForce: ConfigurationInForce
}

type Decide = (requests: readonly LimitRequest[], options: DecideOptions) => Promise<Decided>

/** Makes the function that decides requests with a limiter, and tells those who listen. */
export function createDecide(
  limiter: Limiter,
  announce: Announce,
  configuration: () => ConfigurationInForce,
): Decide {
  return async (requests, { transport, actor, trace, verb: ofCall = 'consume', ...deadline }) => {
    const startedMs = performance.now()
    const inForce = configuration()
    const written = requests.map((request) => ({ ...request, verb: request.verb ?? ofCall }))
    const [first, ...others] = written
    const isAlone = first !== undefined && others.length === 0
    const joint = isAlone
      ? await decideAlone(limiter, first, deadline)
      : await limiter.decide(written, deadline)
    checkJudged(joint.decisions, joint.allowed)
    const origin = originOf({ transport, actor, trace })
    const ids = joint.decisions.map((decision, place) => {
      const request = written[place] as LimitRequest
      const of = { verb: request.verb ?? ofCall, request, startedMs, ...origin }
      return announce(decision, isAlone ? of : { ...of, joint: { place } })
    })
    return { ...joint, ids, inForce }
  }
}

/** Makes the function that decides a request without a promise; null where the store does not answer at once. */
export function createDecideAtOnce(
  limiter: Limiter<SyncStore>,
  announce: Announce,
  configuration: () => ConfigurationInForce,
): (request: LimitRequest, origin: CallOrigin) => Decided {
  return (request, origin) => {
    const startedMs = performance.now()
    const inForce = configuration()
    const decision = consumeNow(limiter, request)
    checkJudged([decision], decision.allowed)
    const id = announce(decision, { verb: 'consume', request, startedMs, ...origin })
    const { allowed, retryAfterMs } = decision
    return { allowed, retryAfterMs, decisions: [decision], ids: [id], inForce }
  }
}

function consumeNow(limiter: Limiter<SyncStore>, request: LimitRequest): Decision {
  // Most requests: no copy of nothing has to be made.
  if (Object.keys(request).length === 1) return limiter.consumeSync(request.who)
  const { who, verb: _, anyOf: _g, ...options } = request
  try {
    return limiter.consumeSync(who, options)
  } catch (reason) {
    return windowDenial(reason, options.cost ?? 1)
  }
}

type Deadline = Pick<DecideOptions, 'deadlineMs'>

/** A request alone takes the way of its verb: several times as fast as a joint decision. */
async function decideAlone(
  limiter: Limiter,
  request: LimitRequest,
  deadline: Deadline,
): Promise<JointDecision> {
  const decision = await decideOne(limiter, request, deadline).catch((reason: unknown) =>
    windowDenial(reason, request.cost ?? 1),
  )
  const { allowed, retryAfterMs } = decision
  return { allowed, retryAfterMs, decisions: [decision] }
}

async function decideOne(limiter: Limiter, request: LimitRequest, deadline: Deadline): Promise<Decision> {
  // A group of one is no group.
  const { who, verb = 'consume', anyOf: _, ...options } = request
  const { cost, ...others } = options
  switch (verb) {
    case 'consume':
    case 'peek':
      return limiter[verb](who, { ...options, ...deadline })
    case 'charge':
    case 'credit': {
      if (cost !== undefined) return limiter[verb](who, cost, { ...others, ...deadline })
      // These methods take a cost; without one it is for the policies to say.
      const { decisions } = await limiter.decide([request], deadline).catch(rethrowAlone)
      return decisions[0] as Decision
    }
  }
}

/** The only request of a joint decision is no first one of several. */
function rethrowAlone(reason: unknown): never {
  const { error } = describeFailure(reason)
  throw atField(error, error.path.replace(/^requests\[0\]\.?/, ''))
}
