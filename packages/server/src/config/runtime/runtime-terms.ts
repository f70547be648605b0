import type { PolicyOptions } from 'headgate'
import type { Configuration } from '../../service/configuration.ts'
import type { Mistake } from '../config-error.ts'
import { policyMistakes } from '../policy-mistakes.ts'
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
      return [...policyMistakes(alone), ...notOpenMistakes(alone, open)].map(({ path, message }) => ({
        path: path.slice(2),
        message,
      }))
    },
  }
}
