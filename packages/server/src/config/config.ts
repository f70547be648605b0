import { createHash } from 'node:crypto'
import type { Configuration } from '../service/configuration.ts'
import { accessLists, accessMistakes } from './access.ts'
import { configError, type Mistake } from './config-error.ts'
import { policyMistakes } from './policy-mistakes.ts'
import { readText } from './read-text.ts'
import { type Replacements, replaced } from './replaced.ts'
import { checkShape, type FileShape } from './schema/file-shape.ts'
import { libraryPolicy, notInForce } from './settings-in-force.ts'
import { storeUrlMistakes } from './store-urls.ts'
import { notOpenMistakes, type StoresConfig, storedPolicy, storesOf } from './stores.ts'
import { parseYaml } from './yaml-source.ts'

/** A configuration that is valid from end to end. */
export interface Config extends Configuration, StoresConfig {
  readonly file: string
}

/** What a file is read with. */
export interface ParseOptions {
  /** What holds in place of what the file says. */
  readonly replacements?: Replacements
  /** The only stores there can be. */
  readonly open?: readonly string[]
}

/** Reads and checks a configuration file; every mistake is an `invalid-config` error with file, line and path. */
export async function loadConfig(file: string, options: ParseOptions = {}): Promise<Config> {
  return parseConfig(await readText(file), file, options)
}

/** Tells one text from another. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Checks the text of a configuration; `file` is its name in messages. */
export function parseConfig(text: string, file: string, options: ParseOptions = {}): Config {
  const source = parseYaml(text, file)
  const fail = (mistakes: readonly Mistake[]): never => {
    throw configError(
      file,
      mistakes.map((mistake) => ({ ...mistake, ...source.locate(mistake.path) })),
    )
  }
  const { value } = source
  if (value === null) fail([{ path: [], message: 'the file is empty; it needs a list of policies' }])
  if (typeof value !== 'object' || Array.isArray(value)) {
    fail([{ path: [], message: 'the file is not a map; begin with "version: 1" and "policies:"' }])
  }
  const checked = checkShape(value)
  if ('mistakes' in checked) return fail(checked.mistakes)
  const { shape } = checked
  const mistakes = [
    ...policyMistakes(shape),
    ...accessMistakes(shape),
    ...storeUrlMistakes(shape),
    ...notOpenMistakes(shape, options.open),
  ]
  if (mistakes.length > 0) fail(mistakes)
  return configOf(replaced(shape, options.replacements ?? {}), text, file)
}

function configOf(shape: FileShape, text: string, file: string): Config {
  return {
    file,
    hash: hashOf(text),
    ...storesOf(shape),
    policies: shape.policies.map((policy) => storedPolicy(libraryPolicy(policy), shape)),
    ...accessLists(shape),
    notInForce: notInForce(shape),
    ...(shape.http && { http: shape.http }),
    ...(shape.receipts && { receipts: shape.receipts }),
  }
}
