import { createHash } from 'node:crypto'
import type { Match, PolicyOptions } from 'headgate'
import { policyMistakes } from './compile.ts'
import { configError, formatPath, type Path, parsePath } from './config-error.ts'
import type { AccessList, FileShape } from './file-shape.ts'
import { libraryPolicy, type NotInForce, notInForce } from './in-force.ts'
import { flatten } from './issues.ts'
import { readText } from './read-text.ts'
import { checkShape } from './schema.ts'
import { type StoresConfig, storedPolicy, storesOf } from './stores.ts'
import { parseYaml } from './yaml-source.ts'

/** A configuration that is valid from end to end. */
export interface Config extends StoresConfig {
  readonly file: string
  /** First 12 hexadecimal digits of the SHA-256 of its text. */
  readonly hash: string
  readonly policies: readonly PolicyOptions[]
  readonly allow: AccessList
  readonly deny: AccessList
  readonly notInForce: readonly NotInForce[]
}

/** Reads and checks a configuration file; every mistake is an `invalid-config` error with file, line and path. */
export async function loadConfig(file: string): Promise<Config> {
  return parseConfig(await readText(file), file)
}

/** Checks the text of a configuration; `file` is its name in messages. */
export function parseConfig(text: string, file: string): Config {
  const source = parseYaml(text, file)
  const fail = (found: readonly { path: Path; message: string }[]): never => {
    const problems = found.map(({ path, message }) => ({
      message,
      path: formatPath(path),
      ...source.locate(path),
    }))
    throw configError(file, problems)
  }
  const { value } = source
  if (value === null) fail([{ path: [], message: 'the file is empty; it needs a list of policies' }])
  if (typeof value !== 'object' || Array.isArray(value)) {
    fail([{ path: [], message: 'the file is not a map; begin with "version: 1" and "policies:"' }])
  }
  const checked = checkShape(value)
  if ('issues' in checked) return fail(checked.issues.flatMap((issue) => flatten(issue)))
  const mistakes = policyMistakes(checked.shape)
  if (mistakes.length > 0) fail(mistakes.map(({ path, message }) => ({ path: parsePath(path), message })))
  return configOf(checked.shape, text, file)
}

function configOf(shape: FileShape, text: string, file: string): Config {
  return {
    file,
    hash: createHash('sha256').update(text).digest('hex').slice(0, 12),
    ...storesOf(shape),
    policies: shape.policies.map((policy) => storedPolicy(libraryPolicy(policy), shape)),
    allow: listOf(shape.allow),
    deny: listOf(shape.deny),
    notInForce: notInForce(shape),
  }
}

function listOf(match: Match = {}): AccessList {
  return Object.fromEntries(Object.entries(match).map(([name, values]) => [name, [values].flat()]))
}
