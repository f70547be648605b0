import { basename } from 'node:path'
import { HeadgateError } from 'headgate'
import type { NotInForce } from '../../service/configuration.ts'
import type { LimitDomain } from '../../service/envoy/limit-node.ts'
import { areNear, configError, type LocatedMistake, mistakesOf, type Path } from '../config-error.ts'
import { PolicyNames } from '../foreign/policy-names.ts'
import { type Translated, translate } from '../foreign/translate.ts'
import { show } from '../unknown-name.ts'
import type { ConfigSource } from './config-source.ts'
import type { Substitution } from './substitute-document.ts'
import { parseYaml, type YamlSource } from './yaml-source.ts'

/** The files of a configuration as one document. */
export interface MergedDocument {
  readonly value: unknown
  /** Those in force, by their paths in `value`. */
  readonly substitutions: readonly Substitution[]
  /** What is wrong with variables, and what several files say that may be said once. */
  readonly mistakes: readonly LocatedMistake[]
  /** Trees that find policies for descriptors. */
  readonly domains: readonly LimitDomain[]
  readonly notInForce: readonly NotInForce[]
  /** Whether what stands at `path` is unknown, since a variable there has no value. */
  isUnknown(path: Path): boolean
  /** The path that its file has for a path in `value`, and where it stands. */
  locate(path: Path): Omit<LocatedMistake, 'message'>
}

/**
 * Reads all files of a configuration, those of other systems as if they were ours. Their policies are put one after the other;
 * what else there is stands in one of them. Throws where one cannot be read, or is not a map.
 */
export function mergeDocuments({ texts, variables }: ConfigSource): MergedDocument {
  const documents = allParsed(texts.map((one) => () => parseMap(parseYaml(one, variables))))
  const merged = new Merged()
  const names = new PolicyNames(documents.flatMap(namesOf))
  const translation = { names, domains: new Map<string, string>(), pairs: new Set<string>() }
  for (const document of documents) merged.add(translate(document, translation) as MapSource<Translated>)
  return merged
}

type MapSource<S> = S & { readonly value: Readonly<Record<string, unknown>> }

/** Names that policies of ours have. */
function namesOf({ value: { policies } }: MapSource<YamlSource>): string[] {
  const list: readonly unknown[] = Array.isArray(policies) ? policies : []
  return list.flatMap((policy) => {
    const name: unknown = typeof policy === 'object' && policy !== null && Reflect.get(policy, 'name')
    return typeof name === 'string' ? [name] : []
  })
}

class Merged implements MergedDocument {
  readonly value: Record<string, unknown> = {}
  readonly substitutions: Substitution[] = []
  readonly mistakes: LocatedMistake[] = []
  readonly domains: LimitDomain[] = []
  readonly notInForce: NotInForce[] = []
  readonly #documents: MapSource<Translated>[] = []
  /** Which document says what of a key. */
  readonly #owners = new Map<string, MapSource<Translated>>()
  /** How many policies there were before a document. */
  readonly #before = new Map<MapSource<Translated>, number>()
  readonly #unknown: Path[] = []

  add(document: MapSource<Translated>): void {
    this.#documents.push(document)
    const before = Array.isArray(this.value['policies']) ? this.value['policies'].length : 0
    this.#before.set(document, before)
    for (const [key, value] of Object.entries(document.value)) this.#addKey(key, value, document)
    const path = (local: Path): Path => {
      const [key, position, ...rest] = local
      return key === 'policies' && typeof position === 'number' ? [key, position + before, ...rest] : local
    }
    this.substitutions.push(...document.substitutions.map((one) => ({ ...one, path: path(one.path) })))
    this.mistakes.push(...document.mistakes.map((one) => ({ ...one, ...document.locate(one.path) })))
    this.#unknown.push(...document.mistakes.map((one) => path(one.path)))
    this.domains.push(...document.domains)
    this.notInForce.push(...document.notInForce)
  }

  isUnknown(path: Path): boolean {
    return this.#unknown.some((unknown) => areNear(unknown, path))
  }

  locate(path: Path): Omit<LocatedMistake, 'message'> {
    const [key, position, ...rest] = path
    const [first] = this.#documents
    if (key === 'policies' && typeof position === 'number') {
      const document = this.#documents.findLast((one) => (this.#before.get(one) ?? 0) <= position) ?? first
      const local = document === undefined ? position : position - (this.#before.get(document) ?? 0)
      const { originOf, locate } = document as MapSource<Translated>
      const origin = originOf([key, local, ...rest])
      return { path: origin, ...locate(origin) }
    }
    return { path, ...((this.#owners.get(String(key)) ?? first) as MapSource<Translated>).locate(path) }
  }

  #addKey(key: string, value: unknown, document: MapSource<Translated>): void {
    const earlier = this.value[key]
    if (!this.#owners.has(key)) {
      this.#owners.set(key, document)
      this.value[key] = value
    } else if (key === 'policies' && Array.isArray(earlier) && Array.isArray(value)) {
      this.value[key] = [...earlier, ...value]
    } else if (key !== '$schema' && (key !== 'version' || earlier !== value)) {
      const where = basename((this.#owners.get(key) as MapSource<Translated>).locate([key]).file)
      const message = `${show(key)} stands in ${where} too; say it in one file`
      this.mistakes.push({ path: [key], message, ...document.locate([key]) })
    }
  }
}

/** What all of them return, or one error with the mistakes of all. */
function allParsed<T>(parse: readonly (() => T)[]): T[] {
  const mistakes: LocatedMistake[] = []
  const parsed = parse.flatMap((one) => {
    try {
      return [one()]
    } catch (reason) {
      if (!HeadgateError.is(reason) || mistakesOf(reason).length === 0) throw reason
      mistakes.push(...mistakesOf(reason))
      return []
    }
  })
  if (mistakes.length > 0) throw configError(mistakes)
  return parsed
}

function parseMap(source: YamlSource): MapSource<YamlSource> {
  const { value } = source
  const fail = (message: string): never => {
    throw configError([{ path: [], message, ...source.locate([]) }])
  }
  if (value === null) fail('the file is empty; it needs a list of policies')
  if (typeof value !== 'object' || Array.isArray(value)) {
    fail('the file is not a map; begin with "version: 1" and "policies:"')
  }
  return source as MapSource<YamlSource>
}
