import { z } from 'zod'
import { optional, strictMap } from './strict-map.ts'

const LENGTH_MIN = 32

/** The value is not repeated: it is a secret. */
const key = z.string().refine((text) => text.length >= LENGTH_MIN, {
  error: `is too short; give at least ${LENGTH_MIN} characters, as of "openssl rand -hex 32"`,
})

/** What stands under `receipts`: the keys by which a service knows its own receipts. */
export const receiptsShape = strictMap({ key, ...optional({ previousKeys: z.array(key).max(16) }) })
