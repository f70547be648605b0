import type { OwnAnswer } from './answers/own-answer.ts'
import type { Exchange } from './proxy-exchange.ts'
import type { Outcome } from './proxy-outcome.ts'

/** What a stage says: null where the request passes, else how it is answered. */
export type Verdict = OwnAnswer | null

/** One step of the way of a request: it looks at what the exchange has, and passes or answers. */
export interface Stage {
  readonly name: string
  /** One sentence, for the documentation. */
  readonly does: string
  /** What it answers with. */
  readonly answers: readonly (readonly [status: number, outcome: Outcome])[]
  run(exchange: Exchange): Verdict | Promise<Verdict>
}
