import { createLimiter, HeadgateError, memoryStore, type PolicyOptions } from 'headgate'
import type { FilePolicy, FileShape } from './file-shape.ts'
import { libraryPolicy, MAIN_STORE } from './in-force.ts'
import { show, suggest } from './suggest.ts'

/** What the library has to say about a file: one mistake a policy, or else those between policies. */
export function policyMistakes({ policies, store, stores }: FileShape): { path: string; message: string }[] {
  const scratch = memoryStore()
  const compile = (options: readonly PolicyOptions[]): HeadgateError | null => {
    try {
      createLimiter({ policies: options, store: scratch })
      return null
    } catch (reason) {
      return HeadgateError.from(reason)
    }
  }
  const storeNames = Object.keys(stores ?? {})
  const single = policies.flatMap((policy, i) => {
    const mistake = compile([withShadow(policy)]) ?? storeMistake(policy, storeNames)
    return mistake === null ? [] : [ownMistake(mistake, policy, i)]
  })
  if (single.length > 0) return single
  const between = compile(policies.map(libraryPolicy))
  const found = between === null ? [] : [{ path: between.path, message: bare(between) }]
  if (stores === undefined) return found
  if (store !== undefined) found.push({ path: 'stores', message: 'give store or stores, not both' })
  else if (stores[MAIN_STORE] === undefined)
    found.push({ path: 'stores', message: 'one of them must be named "main"' })
  return found
}

/** A shadow is checked as one override more: both replace numbers of rules by name. */
function withShadow(policy: FilePolicy): PolicyOptions {
  const { overrides = [], ...rest } = libraryPolicy(policy)
  const more = policy.shadow === undefined ? [] : [{ match: {}, rules: policy.shadow.rules }]
  return { ...rest, overrides: [...overrides, ...more] }
}

function storeMistake({ store }: FilePolicy, names: readonly string[]): HeadgateError | null {
  if (store === undefined || names.includes(store)) return null
  const fix = names.length === 0 ? '; name it under stores' : suggest(store, names)
  return new HeadgateError('invalid-config', `no store is named ${show(store)}${fix}`, {
    path: 'policies[0].store',
  })
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
