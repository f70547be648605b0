/** The entry `headgate/client`: a limiter whose decisions a service makes. */

import { fetchTransport } from '../client/fetch-transport.ts'
import { remoteLimiter } from '../client/remote-limiter.ts'
import type { RemoteLimiterOptions } from '../client/remote-options.ts'
import type { RemoteLimiter } from '../client/remote-types.ts'

export type { RemoteLimiterOptions } from '../client/remote-options.ts'
export type {
  RemoteCredited,
  RemoteDecision,
  RemoteHealth,
  RemoteJointDecision,
  RemoteLimiter,
  RemoteReceipt,
  RemoteReservation,
  RemoteResumed,
} from '../client/remote-types.ts'

/** Creates a limiter whose decisions the service at `url` makes; wrong options are `invalid-options` errors. */
export function createRemoteLimiter(options: RemoteLimiterOptions = {}): RemoteLimiter {
  return remoteLimiter(options, fetchTransport)
}
