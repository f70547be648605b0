import { wrongUsage } from '../../service/describe-failure.ts'
import type { Terminal } from './terminal.ts'

/** Whom a command is about, as bodies of the API have it. */
export type WhoFields = { readonly key: string } | { readonly attributes: Readonly<Record<string, string>> }

/** In place of arguments: attributes come from standard input, a line each, where nobody sees them in a listing of processes. */
const FROM_INPUT = '-'

/**
 * Reads whom a command is about: one plain key, or attributes as `name=value`. Nobody is meant only where a policy is named, which
 * may be of everybody.
 */
export async function whoFrom(
  words: readonly string[],
  { read }: Pick<Terminal, 'read'>,
  policy?: unknown,
): Promise<WhoFields> {
  const [first] = words
  if (first === undefined && policy === undefined)
    throw wrongUsage(
      'nobody is named; write user=alice or one plain key, or - to read attributes from standard input',
    )
  if (first === FROM_INPUT && words.length === 1) {
    const lines = (await read()).split(/\r?\n/).filter((line) => line !== '')
    if (lines.length === 0)
      throw wrongUsage('standard input is empty; give attributes, a line each, as user=alice')
    return { attributes: attributesOf(lines) }
  }
  if (words.length === 1 && first !== undefined && !first.includes('='))
    return { key: filled(first, 'the key') }
  return { attributes: attributesOf(words) }
}

function attributesOf(words: readonly string[]): Record<string, string> {
  const attributes = new Map<string, string>()
  for (const [i, word] of words.entries()) {
    const at = word.indexOf('=')
    const place = `argument ${i + 1}`
    // The words are not repeated: one may be an API key.
    if (at < 1) throw wrongUsage(`${place} is no attribute; write user=alice, or one plain key alone`)
    const name = word.slice(0, at)
    if (attributes.has(name)) throw wrongUsage(`${place} gives ${name} again; give each attribute once`)
    attributes.set(name, filled(word.slice(at + 1), name))
  }
  return Object.fromEntries(attributes)
}

/** An empty text counts as absent to the service, and mostly comes of a variable that is not set. */
function filled(text: string, what: string): string {
  if (text !== '') return text
  throw wrongUsage(`${what} is empty; give it a text, or leave it out`)
}
