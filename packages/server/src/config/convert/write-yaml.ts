import { basename } from 'node:path'
import type { Match, PolicyOptions } from 'headgate'
import { Document, isCollection, type Node, type YAMLMap, type YAMLSeq } from 'yaml'

/** A policy, with a comment to stand before it. */
export interface CommentedPolicy {
  readonly policy: PolicyOptions
  /** Lines without their `#`; may be empty. */
  readonly comment: string
}

/** What is to be written. */
export interface WrittenConfig {
  /** What it was made of. */
  readonly files: readonly string[]
  readonly policies: readonly CommentedPolicy[]
  readonly allow: readonly Match[]
}

/** Writes a configuration as one would by hand: a policy is a block, what is in it a line each. */
export function writeYaml({ files, policies, allow }: WrittenConfig): string {
  const config = {
    version: 1,
    ...(allow.length > 0 && { allow }),
    policies: policies.map(({ policy }) => policy),
  }
  const document = new Document(withoutVariables(config))
  document.commentBefore = ` Written by headgate convert from ${files.map((file) => basename(file)).join(', ')}.\n Say where budgets live: store: { url: redis://localhost:6379 }`
  const list = document.get('policies') as YAMLSeq<YAMLMap>
  for (const [i, map] of list.items.entries()) {
    for (const { key, value } of map.items) {
      if (String(key) === 'rules') for (const rule of (value as YAMLSeq).items) flow(rule)
      else flow(value)
    }
    const { comment } = policies[i] as CommentedPolicy
    if (comment !== '') map.commentBefore = comment
    if (i > 0) map.spaceBefore = true
  }
  for (const match of (document.get('allow') as YAMLSeq | undefined)?.items ?? []) flow(match)
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}

function flow(value: unknown): void {
  if (isCollection(value as Node)) (value as YAMLMap).flow = true
}

/** A dollar in a value would be read as the beginning of a variable. */
function withoutVariables(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$')
  if (Array.isArray(value)) return value.map(withoutVariables)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutVariables(one)]))
}
