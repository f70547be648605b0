import type { Decision, DecisionVerb, Health } from 'headgate'
import { nextDecisionId } from './decision-id.ts'
import { type CallOrigin, type DecidedRequest, type Events, type JointPlace, originOf } from './events.ts'

/** What is told of a decision beside itself. */
export interface Announced extends CallOrigin {
  readonly verb: DecisionVerb
  readonly request: DecidedRequest | null
  /** When the call came, by `performance.now()`. */
  readonly startedMs: number
  /** @default it was decided alone */
  readonly joint?: JointPlace
}

/** Tells those who listen of a decision; returns the id of a denial, null for any other. */
export type Announce = (decision: Decision, of: Announced) => string | null

/** From here on a limit is near: 80 of 100 units are used, as Envoy's service counts it. */
const NEAR_SHARE = 0.2

export function createAnnounce(events: Events, health: () => Health): Announce {
  return (decision, of) => {
    const { cost, source, allowed, remaining, limit } = decision
    const { verb, request, transport, actor, trace, startedMs, joint } = of
    const durationMs = performance.now() - startedMs
    const id = allowed ? null : nextDecisionId()
    const made = { decision, id, verb, request, durationMs, cost, transport }
    const isPlain = actor === undefined && trace === undefined && joint === undefined
    events.emit('decision', isPlain ? made : { ...made, ...originOf(of), ...(joint && { joint }) })
    if (allowed && remaining !== null && remaining <= (limit as number) * NEAR_SHARE) {
      events.emit('near-limit', { decision, transport })
    }
    if (source === 'fallback' || source === 'open') events.emit('degraded', { transport, health })
    return id
  }
}
