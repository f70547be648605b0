import { HeadgateError } from 'headgate'
import { configSigns } from '../file-signs.ts'
import type { ConfigSource, SourceText } from './config-source.ts'
import { isFolder, listFiles } from './list-files.ts'
import { readText } from './read-text.ts'
import { type Environment, readVariables } from './read-variables.ts'
import { namesIn } from './substitute.ts'

/** All files of a folder together. */
const SIZE_MAX = 4_194_304
const TRIES = 5

/** Reads what a configuration is made of: a file or those of a folder, and the variables that they ask for. */
export async function readSource(name: string, env: Environment): Promise<ConfigSource> {
  const texts = (await isFolder(name)) ? await readFolder(name) : [{ file: name, text: await readText(name) }]
  const names = new Set(texts.flatMap(({ text }) => [...namesIn(text)]))
  return { name, texts, variables: await readVariables(names, env) }
}

/** The files as they stood at one time: where one was replaced meanwhile, as with the links of a ConfigMap, all are read again. */
async function readFolder(folder: string): Promise<SourceText[]> {
  for (let i = 0; i < TRIES; i++) {
    const before = await configSigns(folder)
    const texts = await readFiles(folder).catch((reason: unknown) => HeadgateError.from(reason))
    if ((await configSigns(folder)) !== before) continue
    if (HeadgateError.is(texts)) throw texts
    return texts
  }
  throw new HeadgateError('invalid-config', `${folder} changes while it is read`)
}

async function readFiles(folder: string): Promise<SourceText[]> {
  const texts: SourceText[] = []
  let size = 0
  for (const file of await listFiles(folder)) {
    const text = await readText(file)
    size += text.length
    if (size > SIZE_MAX) throw new HeadgateError('invalid-config', `${folder} is larger than 4 MiB in all`)
    texts.push({ file, text })
  }
  if (texts.length > 0) return texts
  throw new HeadgateError(
    'invalid-config',
    `${folder} has no configuration; put *.yaml, *.yml or *.json there`,
  )
}
