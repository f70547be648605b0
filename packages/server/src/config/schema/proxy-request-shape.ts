import { z } from 'zod'
import { show } from '../unknown-name.ts'
import { byteSize } from './byte-size.ts'
import { optional, strictMap } from './strict-map.ts'
import { whole } from './values.ts'

const HOST = /^(?:[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:.]+\])$/
const HOSTS_MAX = 1000
const FIELDS_MAX = 1000

const host = z
  .string()
  .max(253)
  .regex(HOST, {
    error: ({ input }) =>
      `${show(input)} is no name of a host; write it in lower case without scheme and port, as shop.example`,
  })

const addresses = z.array(z.string())

/** What stands under `proxy` of how requests are read, beside what other parts have there. */
export const proxyRequestShape = optional({
  hosts: z.array(host).min(1).max(HOSTS_MAX),
  clients: strictMap(optional({ allow: addresses.min(1), deny: addresses })),
  paths: strictMap(optional({ ignoreCase: z.boolean(), encoded: z.enum(['refuse', 'pass']) })),
  maxHeaders: strictMap(optional({ bytes: byteSize, fields: whole.min(1).max(FIELDS_MAX) })),
})

const shape = strictMap(proxyRequestShape)

/** How requests are read, as a file has it. */
export type ProxyRequestShape = z.output<typeof shape>
