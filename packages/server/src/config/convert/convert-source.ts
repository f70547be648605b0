import { type Document, isNode, parseDocument } from 'yaml'
import { checkSource } from '../config.ts'
import { configError, type LocatedMistake, type Path } from '../config-error.ts'
import { envoyPolicies } from '../foreign/envoy-policies.ts'
import type { EnvoyShape } from '../foreign/envoy-shape.ts'
import { limitrPolicies } from '../foreign/limitr-policies.ts'
import type { LimitrShape } from '../foreign/limitr-shape.ts'
import { PolicyNames } from '../foreign/policy-names.ts'
import type { ConfigSource, SourceText } from '../source/config-source.ts'
import { parseYaml, type YamlSource } from '../source/yaml-source.ts'
import { convertEnvoy } from './convert-envoy.ts'
import type { Conversion, Converted } from './converted.ts'
import { type CommentedPolicy, writeYaml } from './write-yaml.ts'

/**
 * Writes files of other systems as one configuration of ours, without those that are ours already; an `invalid-config` error where
 * one has a mistake, or all of them are ours.
 */
export function convertSource(source: Pick<ConfigSource, 'texts' | 'name'>): Conversion {
  const all = source.texts.map((text) => ({ text, document: parseYaml(text, new Map()) }))
  const ours = all.filter(({ document }) => document.dialect === 'headgate')
  const documents = all.filter((one) => !ours.includes(one))
  const texts = documents.map(({ text }) => text)
  if (documents.length === 0) {
    const message = 'is none of envoyproxy/ratelimit or limitr; there is nothing to convert'
    throw configError(ours.map(({ document }) => ({ path: [], message, ...document.locate([]) })))
  }
  checkSource({ ...source, texts, variables: new Map() })
  const names = new PolicyNames()
  const parts = documents.map(({ text, document }) => ({ text, document, ...convert(document, names) }))
  const notes = parts.flatMap(({ document, notes: own }): LocatedMistake[] =>
    own.map((note) => ({ ...note, ...document.locate(note.path) })),
  )
  const policies = parts.flatMap(({ text, policies: own, notes: of }) => commented(text, own, of))
  const text = writeYaml({
    files: texts.map(({ file }) => file),
    policies,
    allow: parts.flatMap(({ allow }) => allow),
  })
  return { text, policies: policies.length, notes, skipped: ours.map(({ text: { file } }) => file) }
}

/** What was checked has no mistakes. */
function convert({ dialect, value }: YamlSource, names: PolicyNames): Converted {
  if (dialect === 'envoy') {
    const shape = value as EnvoyShape
    return convertEnvoy(shape, envoyPolicies(shape, names))
  }
  const made = limitrPolicies(value as LimitrShape, names)
  return {
    policies: made.map(({ policy, originOf }) => ({ policy, origin: originOf([]) })),
    allow: [],
    notes: [],
  }
}

/** Policies with the comments that stand before them in the file, and what ours cannot say of each. */
function commented(
  { text }: SourceText,
  policies: Converted['policies'],
  notes: Converted['notes'],
): CommentedPolicy[] {
  const document = parseDocument(text, { logLevel: 'silent' })
  return policies.map(({ policy, origin }) => {
    const own = notes.filter(
      ({ path }) => origin.length > 0 && origin.every((step, i) => step === path[i]) && isOwn(path, origin),
    )
    const comments = [
      commentBefore(document, origin),
      ...own.map(({ path, message }) => ` ${String(path.at(-1))} ${message}`),
    ]
    return { policy, comment: comments.filter((one) => one !== '').join('\n') }
  })
}

/** A note of a descriptor below has a policy of its own. */
function isOwn(path: Path, origin: Path): boolean {
  return !path.slice(origin.length).includes('descriptors')
}

/** The comment of the first item of a list stands before the list, as it is parsed. */
function commentBefore(document: Document, origin: Path): string {
  const [node, list] = [origin, origin.slice(0, -1)].map((path) => document.getIn(path, true))
  const own = isNode(node) ? node.commentBefore : null
  const above = origin.at(-1) === 0 && isNode(list) ? list.commentBefore : null
  return [above, own].filter((one) => typeof one === 'string').join('\n')
}
