import type { Decision, DecisionVerb, Health } from 'headgate'
import type { CallOrigin, Events } from './events.ts'

/** What is told of a decision beside itself. */
export interface Announced extends CallOrigin {
  readonly verb: DecisionVerb
  /** When the call came, by `performance.now()`. */
  readonly startedMs: number
}

/** Tells those who listen of a decision. */
export type Announce = (decision: Decision, of: Announced) => void

export function createAnnounce(events: Events, health: () => Health): Announce {
  return (decision, { verb, transport, startedMs }) => {
    const { cost, source } = decision
    const durationMs = performance.now() - startedMs
    events.emit('decision', { decision, verb, transport, durationMs, cost })
    if (source === 'fallback' || source === 'open') events.emit('degraded', { transport, health })
  }
}
