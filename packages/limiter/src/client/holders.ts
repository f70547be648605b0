import type { Who } from '../core/key.ts'
import type { Reservation } from '../core/limiter.ts'
import { checkCost, isWhole } from '../core/validate.ts'
import { asDecision, asSettled } from './read-answer.ts'
import type { Holder } from './remote-reservation.ts'
import type { RemoteDecision } from './remote-types.ts'
import type { Answer, ServiceCalls } from './service-calls.ts'
import { ServiceFailure } from './service-failure.ts'
import { standInDecision } from './stand-in.ts'

/** The decision of an answer about a reservation, without what stands beside it. */
export function reservedDecision({ reservation: _, held, ...decision }: Answer): RemoteDecision {
  if (!isWhole(held, 0)) throw new ServiceFailure('answered something else than a reservation')
  return asDecision(decision)
}

/** What the service holds, by the text of its last answer. */
export function serviceHolder(answer: Answer, who: Who, calls: ServiceCalls): Holder {
  let { reservation } = answer
  return {
    held: Number(answer['held']),
    handle: () => reservation as string,
    settle: async (actual) => {
      await calls.fetch('/v1/settle', asSettled, { reservation, actual: checkCost(actual) })
    },
    extend: async (more, held) => {
      const cost = checkCost(more)
      return calls.decide({
        question: { ...calls.timed('/v1/extend', {}), body: { reservation, more: cost } },
        read: (extended) => {
          const decision = reservedDecision(extended)
          if (typeof extended['reservation'] === 'string') reservation = extended['reservation']
          return { decision, held: decision.allowed ? Number(extended['held']) : held }
        },
        standIn: (source) => ({ decision: standInDecision(source, cost), held }),
        local: async (limiter) => {
          return { decision: { ...(await limiter.consume(who, { cost })), source: 'fallback' }, held }
        },
      })
    },
  }
}

/** Of `open`: there is nothing to settle. */
export function noHolder(held: number): Holder {
  return {
    held,
    handle: () => null,
    settle: async () => {},
    extend: async (more, before) => {
      const cost = checkCost(more)
      return { decision: standInDecision('open', cost), held: before + cost }
    },
  }
}

/** What a limiter of this process holds. */
export function localHolder(own: Reservation): Holder {
  return {
    held: own.held,
    handle: () => null,
    settle: (actual) => own.settle(actual),
    extend: async (more) => ({ decision: await own.extend(more), held: own.held }),
  }
}
