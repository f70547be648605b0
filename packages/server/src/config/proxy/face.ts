import type { NotInForce } from '../../service/configuration.ts'
import type { Mistake } from '../config-error.ts'
import type { FileShape } from '../schema/file-shape.ts'
import { hasOutcome } from './outcome-policies.ts'

/** What is wrong with a file for what it is to be used as: the service sees no responses, and a proxy needs somewhere to send requests. */
export function faceMistakes(
  { policies, proxy }: FileShape,
  face: 'service' | 'proxy' | undefined,
): Mistake[] {
  if (face === 'proxy' && proxy === undefined) {
    const fix = 'say where requests go, as in proxy: { upstream: http://127.0.0.1:3000 }, or by --upstream'
    return [{ path: ['proxy'], message: `is missing; ${fix}` }]
  }
  if (face !== 'service') return []
  return policies.flatMap((policy, i) => {
    if (!hasOutcome(policy)) return []
    const field = policy.count === undefined ? 'cost' : 'count'
    return [
      {
        path: ['policies', i, field],
        message: 'takes the response, which only headgate proxy sees; leave it out',
      },
    ]
  })
}

/** What a file says of the proxy to a process that is none. */
export function unusedProxy({ proxy }: FileShape, face: 'service' | 'proxy' | undefined): NotInForce[] {
  if (proxy === undefined || face !== 'service') return []
  return [{ path: 'proxy', message: 'proxy is for headgate proxy; headgate serve forwards nothing' }]
}
