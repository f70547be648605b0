import type { Environment } from '../config/source/read-variables.ts'
import { unknownName } from '../config/unknown-name.ts'
import { isServiceLink, variableOf } from './option-table.ts'
import { PROXY_OPTIONS } from './proxy-options.ts'
import { ADMIN_OPTIONS, SERVICE_OPTIONS } from './remote/remote-flags.ts'
import { SERVE_OPTIONS } from './serve-options.ts'

/** Of programs that ask the service. They may stand in the same environment, and mean nothing here. */
const OF_CLIENTS = [
  'HEADGATE_TOKEN',
  'HEADGATE_GRPC_TARGET',
  ...Object.keys({ ...SERVICE_OPTIONS, ...ADMIN_OPTIONS }).map(variableOf),
]

/** One sentence for each variable that begins like ours and is none of them; its value is not shown. */
export function unknownVariables(env: Environment): string[] {
  const known = Object.keys({ ...SERVE_OPTIONS, ...PROXY_OPTIONS }).map(variableOf)
  const isKnown = (name: string): boolean => known.includes(name) || OF_CLIENTS.includes(name)
  return Object.entries(env).flatMap(([name, value = '']) => {
    const isOurs = name.startsWith('HEADGATE_') && !isKnown(name) && !isServiceLink(name, value)
    return isOurs ? [`${unknownName('variable', name, known)}; it has no effect`] : []
  })
}
