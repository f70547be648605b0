import { createLimiter, HeadgateError, memoryStore, type PolicyOptions } from 'headgate'
import type { FilePolicy, FileShape } from './file-shape.ts'
import { libraryPolicy } from './in-force.ts'
import { storeMistake, storesMistakes } from './stores.ts'

/** What the library has to say about a file: one mistake a policy, or else those between policies. */
export function policyMistakes(shape: FileShape): { path: string; message: string }[] {
  const { policies } = shape
  const scratch = memoryStore()
  const compile = (options: readonly PolicyOptions[]): HeadgateError | null => {
    try {
      createLimiter({ policies: options, store: scratch })
      return null
    } catch (reason) {
      return HeadgateError.from(reason)
    }
  }
  const single = policies.flatMap((policy, i) => {
    const mistake = compile([withShadow(policy)]) ?? storeMistake(policy, shape)
    return mistake === null ? [] : [ownMistake(mistake, policy, i)]
  })
  if (single.length > 0) return single
  const between = compile(policies.map(anywhere))
  const found = between === null ? [] : [{ path: between.path, message: bare(between) }]
  return [...found, ...storesMistakes(shape)]
}

/** A policy for a store that stands for any. */
function anywhere(policy: FilePolicy): PolicyOptions {
  const { store: _, ...rest } = libraryPolicy(policy)
  return rest
}

/** A shadow is checked as one override more: both replace numbers of rules by name. */
function withShadow(policy: FilePolicy): PolicyOptions {
  const { overrides = [], ...rest } = anywhere(policy)
  const more = policy.shadow === undefined ? [] : [{ match: {}, rules: policy.shadow.rules }]
  return { ...rest, overrides: [...overrides, ...more] }
}

function ownMistake(
  mistake: HeadgateError,
  policy: FilePolicy,
  i: number,
): { path: string; message: string } {
  const shadow = `policies[0].overrides[${policy.overrides?.length ?? 0}]`
  const given = mistake.path === '' ? 'policies[0]' : mistake.path
  const path = given.replace(shadow, 'policies[0].shadow').replace(/^policies\[0\]/, `policies[${i}]`)
  return { path, message: bare(mistake) }
}

/** The message without the path it begins with. */
function bare({ message, path }: HeadgateError): string {
  return path !== '' && message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message
}
