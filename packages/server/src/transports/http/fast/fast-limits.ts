import { IDLE_TIMEOUT_MS, LATE_CHECK_MS, REQUEST_TIMEOUT_MS } from '../../../listener/listener-limits.ts'
import { BODY_LIMIT } from '../body-limit.ts'

/** What connections of the fast path are held to. Times are in sweeps. */
export interface FastLimits {
  /** Most octets of a body; a longer one is for the ordinary server. */
  readonly bodyMax: number
  /** Most reads of one request; one that comes in more is for the ordinary server. */
  readonly readsMax: number
  /** Answers are written when they are this many characters, or when all that was read is answered. */
  readonly batchMax: number
  /** Most requests of one connection that are answered before others have their turn. */
  readonly turnMax: number
  /** Most octets that are held for all connections of one address. */
  readonly heldMax: number
  /** A whole request has to arrive within this. */
  readonly requestSweeps: number
  /** A connection on which nothing is asked is closed then. */
  readonly idleSweeps: number
  /** A client that takes nothing of its answers is cut off then. */
  readonly blockedSweeps: number
  /** How long the end of a client is waited for after ours. */
  readonly lingerSweeps: number
}

/** Between two sweeps over all connections, in milliseconds. */
export const SWEEP_MS = LATE_CHECK_MS

/** While it drains, a connection is ended on which nothing has come for this long, in milliseconds: a request may be on its way. */
export const QUIET_MS = 200

const BLOCKED_MS = 30_000
const LINGER_MS = 2000

/** Those of the ordinary server, where it has such a limit. */
export const FAST_LIMITS: FastLimits = {
  bodyMax: BODY_LIMIT,
  readsMax: 64,
  batchMax: 64 * 1024,
  turnMax: 64,
  heldMax: 16 * 1024 * 1024,
  requestSweeps: REQUEST_TIMEOUT_MS / SWEEP_MS,
  idleSweeps: IDLE_TIMEOUT_MS / SWEEP_MS,
  blockedSweeps: BLOCKED_MS / SWEEP_MS,
  lingerSweeps: LINGER_MS / SWEEP_MS,
}
