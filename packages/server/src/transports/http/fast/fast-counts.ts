import type { FastPathFigures } from '../../../service/transport.ts'
import { HAND_OVER_REASONS, type HandOverReason } from './hand-over-reason.ts'

/** Counts what a fast path does. */
export class FastCounts implements FastPathFigures {
  answered = 0
  readonly handedOver: Record<HandOverReason, number> = Object.fromEntries(
    HAND_OVER_REASONS.map((reason) => [reason, 0]),
  ) as Record<HandOverReason, number>
}
