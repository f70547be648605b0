import { z } from 'zod'
import { optional, strictMap } from './strict-map.ts'
import { duration } from './values.ts'

/** What stands under `proxy.service`: another service that is asked. */
export const proxyRemoteShape = strictMap({
  url: z.string(),
  ...optional({ token: z.string(), onError: z.enum(['open', 'closed']), deadline: duration }),
})

/** It as a file writes it. */
export type RemoteShape = z.output<typeof proxyRemoteShape>
