import { strictMap } from './strict-map.ts'
import { fileName } from './values.ts'

/** What stands under `hashKeys`: the file with the secret by which keys are hashed. */
export const hashKeysShape = strictMap(
  { secretFile: fileName },
  'is no map; name the file of the secret, as in { secretFile: hash-keys.secret }',
)
