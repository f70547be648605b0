import { basename } from 'node:path'
import type { z } from 'zod'
import type { NotInForce } from '../../service/configuration.ts'
import type { LimitDomain } from '../../service/envoy/limit-node.ts'
import type { Mistake, Path } from '../config-error.ts'
import { explain, flatten } from '../issues.ts'
import type { YamlSource } from '../source/yaml-source.ts'
import { show } from '../unknown-name.ts'
import { envoyMistakes } from './envoy-mistakes.ts'
import { envoyPolicies } from './envoy-policies.ts'
import { envoyShape } from './envoy-shape.ts'
import { limitrMistakes, limitrPolicies } from './limitr-policies.ts'
import { limitrShape } from './limitr-shape.ts'
import type { PolicyNames } from './policy-names.ts'

/** What files of one configuration have in common. */
export interface Translation {
  readonly names: PolicyNames
  /** The file of each domain of Envoy's. */
  readonly domains: Map<string, string>
  /** Domains and prefixes of limitr. */
  readonly pairs: Set<string>
}

/** A file as if it were one of ours, and where its parts really stand. */
export interface Translated extends Pick<YamlSource, 'value' | 'substitutions' | 'mistakes' | 'locate'> {
  /** The path that the file has for one of `value`. */
  readonly originOf: (path: Path) => Path
  readonly domains: readonly LimitDomain[]
  readonly notInForce: readonly NotInForce[]
}

const NOTHING = { domains: [], notInForce: [], substitutions: [] } as const

/** Reads a file of ours, of envoyproxy/ratelimit or of limitr. */
export function translate(source: YamlSource, translation: Translation): Translated {
  switch (source.dialect) {
    case 'headgate':
      return { ...source, domains: [], notInForce: [], originOf: (path) => path }
    case 'envoy':
      return fromEnvoy(source, translation)
    case 'limitr':
      return fromLimitr(source, translation)
  }
}

function fromEnvoy(source: YamlSource, { names, domains }: Translation): Translated {
  const read = shaped(envoyShape, source.value)
  if ('mistakes' in read) return refused(source, read.mistakes)
  const { domain } = read.shape
  const { file } = source.locate(['domain'])
  const other = domains.get(domain)
  domains.set(domain, other ?? file)
  const twice: Mistake[] =
    other === undefined
      ? []
      : [
          {
            path: ['domain'],
            message: `${show(domain)} stands in ${basename(other)} too; put all of it in one file`,
          },
        ]
  const mistakes = [...twice, ...envoyMistakes(read.shape)]
  if (mistakes.length > 0) return refused(source, mistakes)
  const { policies, domain: tree, notInForce } = envoyPolicies(read.shape, names)
  return {
    ...NOTHING,
    value: { policies: policies.map(({ policy }) => policy) },
    mistakes: [],
    locate: source.locate,
    originOf: ([, position]) => policies[Number(position)]?.origin ?? [],
    domains: [tree],
    notInForce,
  }
}

function fromLimitr(source: YamlSource, { names, pairs }: Translation): Translated {
  const read = shaped(limitrShape, source.value)
  if ('mistakes' in read) return refused(source, read.mistakes)
  const mistakes = limitrMistakes(read.shape, pairs)
  if (mistakes.length > 0) return refused(source, mistakes)
  const policies = limitrPolicies(read.shape, names)
  return {
    ...NOTHING,
    value: { policies: policies.map(({ policy }) => policy) },
    mistakes: [],
    locate: source.locate,
    originOf: ([, position, ...rest]) => policies[Number(position)]?.originOf(rest) ?? [],
  }
}

/** Has nothing but what is wrong with it. */
function refused({ locate }: YamlSource, mistakes: readonly Mistake[]): Translated {
  return { ...NOTHING, value: { policies: [] }, mistakes, locate, originOf: (path) => path }
}

/** Checks names and types of a file. */
function shaped<S extends z.ZodType>(
  schema: S,
  value: unknown,
): { readonly shape: z.output<S> } | { readonly mistakes: readonly Mistake[] } {
  const { data, error } = schema.safeParse(value, { error: (issue) => explain(issue) })
  return error === undefined ? { shape: data } : { mistakes: error.issues.flatMap((issue) => flatten(issue)) }
}
