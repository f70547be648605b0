/** A fast path with a mistake in it: its files as they are, but for one text. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeTemporaryDirectory } from '../../../limiter/test/harness/reaper.ts'
import type { Accelerate } from './differential-servers.ts'
import type { Mutant } from './mutants.ts'

const SOURCE = join(import.meta.dirname, '../../src/transports/http/fast')

/** Throws where the text is not there once: the mistake would be another one then. */
export async function load({ file, find, replace }: Omit<Mutant, 'name' | 'by'>): Promise<Accelerate> {
  const directory = makeTemporaryDirectory('mutant')
  const names = readdirSync(SOURCE).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  if (!names.includes(`${file}.ts`)) throw new Error(`no file ${file}`)
  for (const name of names) {
    const text = readFileSync(join(SOURCE, name), 'utf8')
    const changed = name === `${file}.ts` ? once(text, find, replace) : text
    writeFileSync(join(directory, name), rooted(changed))
  }
  const { accelerate } = await import(pathToFileURL(join(directory, 'fast-path.ts')).href)
  return accelerate
}

function once(text: string, find: string, replace: string): string {
  const [before, after, ...more] = text.split(find)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`not there once: ${find}`)
  return before + replace + after
}

/** What it imports from elsewhere stands where it stood. */
function rooted(text: string): string {
  return text.replaceAll(/from '(\.\.\/[^']+)'/g, (_, path) => `from '${pathToFileURL(join(SOURCE, path))}'`)
}
