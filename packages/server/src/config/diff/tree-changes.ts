import type { LimitDomain, LimitNode } from '../../service/envoy/limit-node.ts'
import type { Change } from './change.ts'
import { changedFields } from './changed-fields.ts'
import { sayField } from './say-value.ts'

/** What differs between trees of descriptors beside their policies: what is found for which entries, and how it counts in a request. */
export function treeChanges(before: readonly LimitDomain[], after: readonly LimitDomain[]): Change[] {
  return changedFields(described(before), described(after), ['domains']).map((field) => {
    return { path: field.path.join('.'), effect: 'other', message: sayField(field) }
  })
}

/** By domain and entries what stands there, but for numbers, which are those of policies. */
function described(domains: readonly LimitDomain[]): Record<string, unknown> {
  return Object.fromEntries(
    domains.map(({ domain, descriptors }) => [domain, Object.fromEntries(linesOf(descriptors, ''))]),
  )
}

function linesOf(nodes: readonly LimitNode[], above: string): [string, unknown][] {
  const patterns = nodes.filter(({ value = '' }) => value.includes('*'))
  return [
    ...nodes.flatMap((node) => {
      const path = `${above}${entryText(node)}`
      return [[path, detailsOf(node)] as [string, unknown], ...linesOf(node.descriptors, `${path} / `)]
    }),
    // The first that fits is taken.
    ...(patterns.length > 1 ? [[`${above}order`, patterns.map(entryText)] as [string, unknown]] : []),
  ]
}

function entryText({ key, value }: LimitNode): string {
  return value === undefined ? key : `${key}=${value}`
}

function detailsOf({ limit, isShared }: LimitNode): object {
  const shared = isShared && { shared: true }
  if (limit === undefined) return { limit: 'none', ...shared }
  const { policy, replaces, isQuota, metadata } = limit
  return {
    limit: policy ?? 'unlimited',
    ...(replaces.length > 0 && { replaces }),
    ...(isQuota && { quota: true }),
    ...(metadata && { metadata }),
    ...shared,
  }
}
