import type { Service } from '../../service/service.ts'
import type { HttpAnswer } from './http-answer.ts'

/** A field that names the configuration in force, for whoever asks by `Headgate-Hash`. */
export const CONFIG = 'headgate-config'

/** By which it is asked for. */
export const ASKS_CONFIG = 'headgate-hash'

// A stored 429 would go on denying (RFC 6585, section 4).
const MOST: HttpAnswer['fields'] = [['cache-control', 'no-store']]

/** Fields that every answer has, where it has none of their names. */
export function usualFields(
  { configuration, isDraining }: Pick<Service, 'configuration' | 'isDraining'>,
  asksConfig: boolean,
): HttpAnswer['fields'] {
  if (!asksConfig && !isDraining) return MOST
  return [
    ...(asksConfig ? [[CONFIG, configuration().hash] as const] : []),
    ...MOST,
    // A client that keeps its connection goes elsewhere in time, and is not cut off between two requests.
    ...(isDraining ? [['connection', 'close'] as const] : []),
  ]
}
