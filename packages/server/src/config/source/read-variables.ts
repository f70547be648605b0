import { HeadgateError } from 'headgate'
import type { Variable } from './config-source.ts'
import { isSpecial } from './list-files.ts'
import { type ReadLimits, readText } from './read-text.ts'

/** A key or a certificate fits, a wrong file does not. */
const OF_SECRET: ReadLimits = { maxBytes: 65_536, size: '64 KiB', ifMissing: 'name one that does' }

/** Variables of the environment, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The variables of these names that are set: by themselves, or by the file that `<NAME>_FILE` names. */
export async function readVariables(
  names: Iterable<string>,
  env: Environment,
): Promise<Map<string, Variable>> {
  const entries = await Promise.all(
    Array.from(names, async (name) => [name, await readVariable(name, env)] as const),
  )
  return new Map(entries.flatMap(([name, variable]) => (variable === null ? [] : [[name, variable]])))
}

async function readVariable(name: string, env: Environment): Promise<Variable | null> {
  const file = env[`${name}_FILE`]
  const value = env[name]
  if (file === undefined || file === '') return value === undefined ? null : { value }
  if (value !== undefined) return { problem: `${name} and ${name}_FILE are both set; unset one` }
  try {
    return { value: (await readSecret(file)).replace(/\r?\n$/, '') }
  } catch (reason) {
    return { problem: `the file of ${name}_FILE: ${HeadgateError.from(reason).detail}` }
  }
}

async function readSecret(file: string): Promise<string> {
  if (await isSpecial(file)) throw new HeadgateError('invalid-config', `${file} is not a regular file`)
  return readText(file, OF_SECRET)
}
