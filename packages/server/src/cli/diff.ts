import { checkedShape } from '../config/config.ts'
import type { Change, Effect } from '../config/diff/change.ts'
import { diffShapes } from '../config/diff/diff-shapes.ts'
import { treeChanges } from '../config/diff/tree-changes.ts'
import { readSource } from '../config/source/read-source.ts'
import type { Environment } from '../config/source/read-variables.ts'

/** What is compared, and how it is told. */
export interface DiffOptions {
  /** The file or folder that is in force, and the one that is to be. */
  readonly names: readonly [old: string, next: string]
  readonly env: Environment
  readonly json: boolean
}

const HEADINGS: Readonly<Record<Effect, string>> = {
  more: 'More passes:',
  less: 'Less passes:',
  fresh: 'Budgets start anew:',
  other: 'Other changes:',
}

/** Runs `headgate diff`: exit code 0 where both say the same, 1 where they do not, as `diff` has it. */
export async function diff({ names, env, json }: DiffOptions): Promise<number> {
  const [old, next] = await Promise.all([readSource(names[0], env), readSource(names[1], env)])
  const [before, after] = [checkedShape(old), checkedShape(next)]
  const changes = [...diffShapes(before.shape, after.shape), ...treeChanges(before.domains, after.domains)]
  const same = changes.length === 0
  if (json) {
    const [one, other] = [before, after].map(({ hash }, i) => ({ file: names[i], hash }))
    console.log(JSON.stringify({ same, old: one, new: other, changes }, null, 2))
  } else console.log(same ? 'Both say the same.' : textOf(changes))
  return same ? 0 : 1
}

function textOf(changes: readonly Change[]): string {
  const effects = Object.keys(HEADINGS) as Effect[]
  return effects
    .map((effect) => ({ effect, found: changes.filter((one) => one.effect === effect) }))
    .filter(({ found }) => found.length > 0)
    .map(({ effect, found }) => {
      return [HEADINGS[effect], ...found.map(({ path, message }) => `  ${path}: ${message}`)].join('\n')
    })
    .join('\n\n')
}
