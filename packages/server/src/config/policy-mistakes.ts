import { WIRE_POLICIES } from '../service/wire-policy.ts'
import { compileMistake, compileMistakes } from './compile-mistakes.ts'
import type { Mistake, Path } from './config-error.ts'
import { outcomeMistakes } from './proxy/outcome-policies.ts'
import type { FileShape } from './schema/file-shape.ts'
import type { FilePolicy } from './schema/policy-shape.ts'
import { storeMistake, storesMistakes } from './stores.ts'

/** What is wrong with the policies and stores of a file: in single policies, or else between them. */
export function policyMistakes(shape: FileShape): Mistake[] {
  const together = compileMistake(shape.policies)
  const single = shape.policies.flatMap((policy, i) => {
    // What is right together is right alone: of 10,000 policies none is compiled twice.
    const alone = together === null ? [] : compileMistakes(policy)
    const others = [nameMistake(policy), storeMistake(policy, shape.stores ?? {})]
    const mistakes = [...alone, ...others.filter((one) => one !== null)]
    const located = mistakes.map((mistake) => ({ ...mistake, path: atPolicy(i, mistake.path) }))
    return [...located, ...outcomeMistakes(policy, ['policies', i])]
  })
  if (single.length > 0) return single
  return [...(together === null ? [] : [together]), ...storesMistakes(shape)]
}

/** A rule that comes with a call counts under a name of its own. */
function nameMistake({ name }: FilePolicy): Mistake | null {
  const what = WIRE_POLICIES.get(name)
  if (what === undefined) return null
  const message = `"${name}" is the name of ${what}; give another`
  return { path: ['policies', 0, 'name'], message }
}

/** A path within the policies of a file, of which the library has seen one. */
function atPolicy(position: number, path: Path): Path {
  return ['policies', position, ...path.slice(2)]
}
