import type { FileShape } from '../schema/file-shape.ts'
import { type Change, type Effect, effectOf, opennessOf } from './change.ts'
import { type ChangedField, changedFields } from './changed-fields.ts'
import { policyChanges } from './policy-changes.ts'
import { sayField } from './say-value.ts'

/** All that differs between what two configurations say, in words; none where they say the same. */
export function diffShapes(before: FileShape, after: FileShape): Change[] {
  const [
    { policies: _p, $schema: _s, version: _v, ...was },
    { policies: _q, $schema: _t, version: _w, ...is },
  ] = [before, after]
  const others = changedFields(was, is).map((field) => {
    const path = field.path.join('.')
    return { path, effect: effectOfField(field), message: `${sayField(field)}${consequence(field)}` }
  })
  return [...policyChanges(before, after), ...others]
}

function effectOfField({ path, before, after }: ChangedField): Effect {
  const [top] = path
  if (top === 'allow' || top === 'deny') {
    const [was, is] = [before, after].map(
      (list) => new Set([list ?? []].flat().map((one) => JSON.stringify(one))),
    )
    const isWider = [...(was ?? [])].every((one) => is?.has(one))
    const isNarrower = [...(is ?? [])].every((one) => was?.has(one))
    if (isWider === isNarrower) return 'other'
    return isWider === (top === 'allow') ? 'more' : 'less'
  }
  const field = path.at(-1)
  if (field === 'onStoreError') return effectOf(opennessOf(before), opennessOf(after))
  return isElsewhere(path) ? 'fresh' : 'other'
}

/** Whether budgets are kept in another place then. */
function isElsewhere(path: readonly string[]): boolean {
  const [top, ...rest] = path
  if (top === 'hashKeys') return true
  if (top !== 'store' && top !== 'stores') return false
  const field = top === 'store' ? rest[0] : rest[1]
  return field === undefined || field === 'url' || field === 'prefix'
}

function consequence({ path }: ChangedField): string {
  if (isElsewhere(path)) return '; budgets are kept elsewhere then, and start anew after a restart'
  return ['store', 'stores', 'tls'].includes(String(path[0])) ? '; after a restart' : ''
}
