import { createHash } from 'node:crypto'
import type { PolicyOptions } from 'headgate'
import type { Configuration, NotInForce } from '../../service/configuration.ts'
import { compileMistake } from '../compile-mistakes.ts'
import { formatPath, type Mistake } from '../config-error.ts'
import { safeMessage } from '../rejection.ts'
import type { FilePolicy } from '../schema/policy-shape.ts'
import type { RuntimeDocument } from './runtime-document.ts'
import type { FileConfiguration } from './runtime-terms.ts'

/** A file and what was changed at run time as one configuration. */
export interface Composition {
  readonly configuration: Configuration
  /** What is wrong with policies of run time beside this file: these are left out. Paths begin with the name. */
  readonly mistakes: readonly Mistake[]
}

/**
 * Puts a file and what was changed at run time together. The file governs: its policies come first, and of two of one name
 * its own holds.
 */
export function compose(
  file: FileConfiguration,
  { version, shadow, policies }: RuntimeDocument,
): Composition {
  const { atRunTime: terms, ...rest } = file
  const ofFile = new Set(file.policies.map(({ name }) => name))
  const governed = policies.filter(({ name }) => !terms.allowed || ofFile.has(name))
  const { right, mistakes } = fitting(
    policies.filter((one) => !governed.includes(one)),
    file,
  )
  const added = right.map((policy) => terms.toPolicy(policy))
  const all = [...file.policies, ...added]
  const configuration: Configuration = {
    ...rest,
    hash: shadow || added.length > 0 ? hashOf([file.hash, shadow, added]) : file.hash,
    policies: shadow ? all.map(inShadow) : all,
    notInForce: [
      ...file.notInForce,
      ...governed.map(({ name }) => notInForce(name, reasonFor(name, terms.allowed))),
      ...mistakes.map((mistake) => notInForce(String(mistake.path[0]), toldOf(mistake))),
    ],
    runtime: { version, shadow, policies: added.map(({ name }) => name) },
  }
  return { configuration, mistakes }
}

/** Policies that are right by themselves, and beside those of a file and each other. */
function fitting(
  policies: readonly FilePolicy[],
  { policies: ofFile, atRunTime }: FileConfiguration,
): { readonly right: readonly FilePolicy[]; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = []
  let right = policies.filter((policy) => {
    const [first] = atRunTime.mistakes(policy)
    if (first !== undefined) mistakes.push({ ...first, path: [policy.name, ...first.path] })
    return first === undefined
  })
  // Names are apart already, so that only groups are between policies.
  const beside = (ofFile as readonly FilePolicy[]).filter(({ choose }) => choose !== undefined)
  while (right.length > 0) {
    const together = compileMistake([...beside, ...right])
    const position = Number(together?.path[1]) - beside.length
    const wrong = right[position]
    if (together === null || wrong === undefined) break
    mistakes.push({ ...together, path: [wrong.name, ...together.path.slice(2)] })
    right = right.toSpliced(position, 1)
  }
  return { right, mistakes }
}

function inShadow(policy: PolicyOptions): PolicyOptions {
  return policy.mode === undefined || policy.mode === 'enforce' ? { ...policy, mode: 'shadow' } : policy
}

function toldOf(mistake: Mistake): string {
  const where = formatPath(mistake.path.slice(1))
  return `${where === '' ? '' : `${where} `}${safeMessage(mistake)}`
}

function reasonFor(name: string, allowed: boolean): string {
  return allowed
    ? `the file has a policy ${name} too, which holds; delete one of the two`
    : 'the file governs; it lets policies live at run time by runtime: { policies: true }'
}

function notInForce(name: string, why: string): NotInForce {
  return { path: 'runtime.policies', message: `the run-time policy ${name} is not in force: ${why}` }
}

/** Processes that have the same file and the same changes have the same hash. */
function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)
}
