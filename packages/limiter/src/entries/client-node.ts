/** The entry `headgate/client` in Node: its types are those of `client.ts`. */

import { nodeTransport } from '../client/node-transport.ts'
import { remoteLimiter } from '../client/remote-limiter.ts'
import type { RemoteLimiterOptions } from '../client/remote-options.ts'
import type { RemoteLimiter } from '../client/remote-types.ts'

/** Creates a limiter whose decisions the service at `url` makes; wrong options are `invalid-options` errors. */
export function createRemoteLimiter(options: RemoteLimiterOptions = {}): RemoteLimiter {
  return remoteLimiter(options, nodeTransport)
}
