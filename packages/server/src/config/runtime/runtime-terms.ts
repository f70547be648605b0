import type { PolicyOptions } from 'headgate'
import type { Configuration } from '../../service/configuration.ts'
import type { Mistake } from '../config-error.ts'
import { policyMistakes } from '../policy-mistakes.ts'
import { hasOutcome } from '../proxy/outcome-policies.ts'
import type { FileShape } from '../schema/file-shape.ts'
import type { FilePolicy } from '../schema/policy-shape.ts'
import { notOpenMistakes, storedPolicy, withoutStore } from '../stores.ts'

/** What a file says of policies that live beside it, at run time. */
export interface RuntimeTerms {
  /** Whether there may be any. */
  readonly allowed: boolean
  /** A policy as the limiter is to have it. */
  toPolicy(policy: FilePolicy): PolicyOptions
  /** What is wrong with a policy by itself, by paths within it. */
  mistakes(policy: FilePolicy): Mistake[]
}

/** A configuration as its file has it. */
export interface FileConfiguration extends Configuration {
  readonly atRunTime: RuntimeTerms
}

/** The terms of a file. `open`: the only stores there can be. */
export function runtimeTerms(shape: FileShape, open?: readonly string[]): RuntimeTerms {
  return {
    allowed: shape.runtime?.policies ?? false,
    toPolicy: (policy) => {
      const stored = storedPolicy(policy, shape)
      // A store that is alone has no name.
      return open?.length === 1 ? withoutStore(stored) : stored
    },
    mistakes: (policy) => {
      const alone = { ...shape, policies: [policy] }
      const mistakes = [...policyMistakes(alone), ...notOpenMistakes(alone, open), ...ofFile(policy)]
      return mistakes.map(({ path, message }) => ({ path: path.slice(2), message }))
    },
  }
}

/** What only policies of the file may have. */
function ofFile(policy: FilePolicy): Mistake[] {
  if (!hasOutcome(policy)) return []
  const message = 'what a response costs is for policies of the file; write it there'
  return [{ path: ['policies', 0, policy.count === undefined ? 'cost' : 'count'], message }]
}
