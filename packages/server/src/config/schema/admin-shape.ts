import { z } from 'zod'
import { optional, strictMap } from './strict-map.ts'

/** A name of a machine as browsers send it: without a port. */
const hostName = z.string().regex(/^(?!.*\.\.)[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, {
  error: 'is no name of a host; use lower-case letters, digits, dots and dashes, without a port',
})

/** What stands under `admin`: the listener of operators. */
export const adminShape = strictMap(optional({ hosts: z.array(hostName).max(100) }))
