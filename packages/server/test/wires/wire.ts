import type { Decision, ErrorCode } from 'headgate'
import type { Served } from './served.ts'

/** What is asked of a service, whatever the wire. */
export type Step = AskStep | RefundStep | ChangeStep

export interface AskStep {
  readonly verb: 'consume' | 'peek'
  readonly user: string
  /** @default shop */
  readonly domain?: string
  readonly cost?: number
  readonly policy?: string
  /** How long the caller waits; time passes until there is an answer. */
  readonly deadlineMs?: number
}

/** Gives back the last spend, or what a text stands for that is none of a receipt. */
export interface RefundStep {
  readonly verb: 'refund'
  readonly receipt: 'last' | 'forged'
}

export interface ChangeStep {
  readonly verb: 'block' | 'unblock' | 'reset'
  readonly user: string
}

/** Fields of a decision that wires tell. */
export type Told = Pick<
  Decision,
  'allowed' | 'reason' | 'source' | 'policy' | 'limit' | 'remaining' | 'cost' | 'retryAfterMs'
>

/** How a wire answers: by a decision, an error of the table, units given back, or policies reached. */
export type Answer =
  | Partial<Told>
  | { readonly error: ErrorCode }
  | { readonly refunded: number }
  | { readonly policies: readonly string[] }

/** A client of a service over one wire. */
export interface WireClient {
  answer(step: Step): Promise<Answer>
  close(): Promise<void>
}

/** What a step or a case needs of a wire that not every wire has. */
export type Need =
  | 'peek'
  | 'policy'
  | 'refund'
  | 'change'
  | 'deadline'
  | 'token'
  | 'bad-cost'
  | 'value-of-error'

export interface Wire {
  readonly name: string
  /** Fields of a decision that it tells. */
  readonly tells: readonly (keyof Told)[]
  /**
   * The same of a denial.
   * @default tells
   */
  readonly tellsOfDenials?: readonly (keyof Told)[]
  open(served: Served, token: string | undefined): Promise<WireClient>
}

export const EVERYTHING: readonly (keyof Told)[] = [
  'allowed',
  'reason',
  'source',
  'policy',
  'limit',
  'remaining',
  'cost',
  'retryAfterMs',
]

export const FORGED = 'v1.AAAA.BBBB.CCCC'

export function domainOf({ domain = 'shop' }: AskStep): string {
  return domain
}
