import { compileRule } from 'headgate/store'
import { HTTP_POLICY } from '../service/wire-policy.ts'
import { compileMistake, compileMistakes } from './compile-mistakes.ts'
import type { Mistake, Path } from './config-error.ts'
import { libraryMistake } from './library-mistake.ts'
import type { FileShape } from './schema/file-shape.ts'
import type { FilePolicy } from './schema/policy-shape.ts'
import { storeMistake, storesMistakes } from './stores.ts'
import { unknownName } from './unknown-name.ts'

/** What is wrong with the policies and stores of a file: in single policies, or else between them. */
export function policyMistakes(shape: FileShape): Mistake[] {
  const together = compileMistake(shape.policies)
  const single = shape.policies.flatMap((policy, i) => {
    // What is right together is right alone: of 10,000 policies none is compiled twice.
    const alone = together === null ? [] : compileMistakes(policy)
    const shadow = alone.length > 0 ? null : shadowMistake(policy)
    const others = [nameMistake(policy), shadow, storeMistake(policy, shape.stores ?? {})]
    const mistakes = [...alone, ...others.filter((one) => one !== null)]
    return mistakes.map((mistake) => ({ ...mistake, path: atPolicy(i, mistake.path) }))
  })
  if (single.length > 0) return single
  return [...(together === null ? [] : [together]), ...storesMistakes(shape)]
}

/** A rule that comes with a call counts under a name of its own. */
function nameMistake({ name }: FilePolicy): Mistake | null {
  if (name !== HTTP_POLICY) return null
  const message = `"${name}" is the name of rules that come with calls over HTTP; give another`
  return { path: ['policies', 0, 'name'], message }
}

/** A path within the policies of a file, of which the library has seen one. */
function atPolicy(position: number, path: Path): Path {
  return ['policies', position, ...path.slice(2)]
}

/** What is wrong with other numbers in shadow: they replace fields of a rule, as an override does. */
function shadowMistake({ rules, shadow }: FilePolicy): Mistake | null {
  if (shadow === undefined) return null
  const written = rules.map((rule) => (typeof rule === 'string' ? { limit: rule } : rule))
  const byName = new Map(written.map((rule) => [compileRule(rule, '').name, rule]))
  const path = ['policies', 0, 'shadow', 'rules']
  for (const [name, changes] of Object.entries(shadow.rules)) {
    const rule = byName.get(name)
    if (rule === undefined) return { path, message: unknownName('rule', name, [...byName.keys()]) }
    const changed = { ...rule, ...changes, name }
    const mistake = libraryMistake(() => compileRule(changed, 'changed'), { changed })
    if (mistake !== null) return { ...mistake, path: [...path, name, ...mistake.path.slice(1)] }
  }
  return null
}
