import { z } from 'zod'
import { strictMap } from './strict-map.ts'

/** What stands under `hashKeys`: the file with the secret by which keys are hashed. */
export const hashKeysShape = strictMap(
  { secretFile: z.string() },
  'is no map; name the file of the secret, as in { secretFile: hash-keys.secret }',
)
