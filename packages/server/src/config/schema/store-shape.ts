import { z } from 'zod'
import { show } from '../unknown-name.ts'
import { optional, strictMap } from './strict-map.ts'
import { duration, onStoreError, whole } from './values.ts'

/** What stands under `store`, and under each name of `stores`. */
export const storeShape = strictMap({
  url: z.string(),
  ...optional({
    prefix: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/, {
      error: ({ input }) => `${show(input)} is not a prefix; use up to 64 letters, digits and . _ : / -`,
    }),
    deadline: duration,
    onStoreError,
    replicas: z.union([z.literal('auto'), whole.min(1)]),
  }),
})

/** A store as the file writes it. */
export type FileStore = z.output<typeof storeShape>
