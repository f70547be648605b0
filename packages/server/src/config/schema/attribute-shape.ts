import { z } from 'zod'
import { show } from '../unknown-name.ts'

const SOURCE = /^(jwt|header|descriptor|query|cookie|peer)\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/

const source = z.string().regex(SOURCE, {
  error: ({ input }) =>
    `${show(input)} is not a source; write it as jwt.sub, header.x-user-id or descriptor.user_id`,
})

/** What stands under `attributes`: attribute → where its value comes from, first source first. */
export const attributeShape = z.record(z.string(), z.union([source, z.array(source).min(1)]))
