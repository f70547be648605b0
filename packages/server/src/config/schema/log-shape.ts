import { z } from 'zod'
import { show } from '../unknown-name.ts'
import { optional, strictMap } from './strict-map.ts'
import { fileName, whole } from './values.ts'

const share = z.string().refine((text) => /^\d{1,3}(\.\d+)?%$/.test(text) && Number.parseFloat(text) <= 100, {
  error: ({ input }) => `${show(input)} is no share; write it as 1% or 100%`,
})

/** What stands under `log`: which decisions are logged. */
export const logShape = strictMap(
  optional({
    decisions: strictMap(
      optional({ allowed: share, denied: share, keys: z.boolean(), perSecond: whole.min(1).max(100_000) }),
    ),
  }),
)

/** What stands under `audit`: where it is written who changed what. */
export const auditShape = strictMap({ file: fileName, ...optional({ denials: z.boolean() }) })
