import type { PolicyOptions } from 'headgate'
import type { NotInForce } from '../service/configuration.ts'
import { formatPath, type Path } from './config-error.ts'
import type { FileShape } from './schema/file-shape.ts'
import type { FilePolicy } from './schema/policy-shape.ts'

/** Lists the settings of a file that this version cannot carry out. */
export function notInForce({ policies }: FileShape): NotInForce[] {
  const found: NotInForce[] = []
  const add = (at: Path, instead: string): void => {
    const path = formatPath(at)
    found.push({ path, message: `${path} is not in force in this version; ${instead}` })
  }
  for (const [i, policy] of policies.entries()) {
    addPolicy(policy, (field, instead) => add(['policies', i, field], instead))
  }
  return found
}

const OFF = 'the policy is off'

function addPolicy(policy: FilePolicy, add: (field: string, instead: string) => void): void {
  if (policy.mode === 'shadow') add('mode', OFF)
  if (policy.shadow !== undefined) add('shadow', 'nothing is counted in shadow')
  if (isPartial(policy)) add('rollout', OFF)
}

/**
 * The part of a policy that the library carries out. What must not deny yet is switched off: a shadow, and a rollout
 * to some keys only, of which enforcing it for everybody would be the worst reading.
 */
export function libraryPolicy(policy: FilePolicy): PolicyOptions {
  const { mode, shadow: _s, rollout: _r, ...rest } = policy
  const off = mode === 'off' || mode === 'shadow' || isPartial(policy)
  return off ? { ...rest, mode: 'off' } : rest
}

function isPartial({ rollout }: FilePolicy): boolean {
  return rollout !== undefined && Number.parseFloat(rollout) < 100
}
