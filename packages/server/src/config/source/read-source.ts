import type { ConfigSource } from './config-source.ts'
import { readText } from './read-text.ts'
import { type Environment, readVariables } from './read-variables.ts'
import { namesIn } from './substitute.ts'

/** Reads what a configuration is made of: a file, and the variables that it asks for. */
export async function readSource(name: string, env: Environment): Promise<ConfigSource> {
  const texts = [{ file: name, text: await readText(name) }]
  const names = new Set(texts.flatMap(({ text }) => [...namesIn(text)]))
  return { name, texts, variables: await readVariables(names, env) }
}
