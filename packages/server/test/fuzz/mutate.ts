/** Values and texts that are nearly right. */
import type { Random } from '../../../limiter/test/parity/random.ts'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const ODD_TEXTS = [
  '',
  ' ',
  '*',
  '**',
  '/',
  '//',
  '/a/../b',
  '%2e%2e',
  '%',
  '%zz',
  '\u0000',
  '\n',
  '\uFEFF',
  'é',
  'e\u0301',
  '\uD800',
  '😀',
  '__proto__',
  'constructor',
  'toString',
  'ip',
  'global',
  '127.0.0.1',
  '::ffff:127.0.0.1',
  '10.0.0.0/8',
  '1/s',
  '100/min',
  '5/0s',
  '1e3/s',
  '-1/s',
  '1m',
  '0',
  '500ms',
  '1e9d',
  '$' + '{X}',
  'x'.repeat(300),
  'x'.repeat(5000),
] as const
const ODD_NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  1e-9,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  1e21,
  1e308,
  -(2 ** 53),
] as const

/** Any value, mostly small. */
export function oddValue(random: Random, depth = 2): Json {
  const kind = random.below(depth > 0 ? 8 : 6)
  if (kind === 0) return null
  if (kind === 1) return random.percent(50)
  if (kind === 2) return random.pick(ODD_NUMBERS)
  if (kind <= 5) return random.pick(ODD_TEXTS)
  const size = random.below(4)
  if (kind === 6) return Array.from({ length: size }, () => oddValue(random, depth - 1))
  const entries = Array.from({ length: size }, () => [random.pick(ODD_TEXTS), oddValue(random, depth - 1)])
  return Object.fromEntries(entries)
}

/** A copy of a value with one part changed: another value, a key more, less or renamed, an item twice. */
export function mutated(value: Json, random: Random): Json {
  if (typeof value !== 'object' || value === null || random.percent(10)) return oddValue(random)
  if (Array.isArray(value)) {
    const at = random.below(value.length + 1)
    const copy = [...value]
    if (random.percent(60) && at < value.length) copy[at] = mutated(copy[at] as Json, random)
    else if (random.percent(50)) copy.splice(at, 1)
    else copy.splice(at, 0, value.length > 0 && random.percent(50) ? random.pick(value) : oddValue(random))
    return copy
  }
  const names = Object.keys(value)
  const copy = { ...value }
  const name = names.length === 0 ? 'x' : random.pick(names)
  const kind = random.below(10)
  if (kind < 6 && names.length > 0) copy[name] = mutated(copy[name] as Json, random)
  else if (kind === 6) delete copy[name]
  else if (kind === 7) copy[typo(name, random)] = copy[name] ?? null
  else define(copy, random.pick(ODD_TEXTS), oddValue(random))
  return copy
}

/** `__proto__` becomes a key like any other, as in JSON. */
function define(object: { [name: string]: Json }, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
}

function typo(name: string, random: Random): string {
  const at = random.below(name.length + 1)
  return name.slice(0, at) + random.pick(['', 'x', name[at] ?? '', ' ', '_']) + name.slice(at + 1)
}

const PIECES = [
  ...ODD_TEXTS,
  ...ODD_NUMBERS.map(String),
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  ', ',
  '- ',
  '"',
  "'",
  '#',
  '&a ',
  '*a',
  '!!binary ',
  '<<: ',
  '|\n',
  '>\n',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '\t',
  '\r\n',
  '? ',
  '~',
  'null',
  'true',
  'NaN',
  '\\u0000',
  '{"a":'.repeat(200),
  '['.repeat(3000),
] as const

/** A text with some bytes taken, doubled, moved or put in. */
export function garbled(text: string, random: Random): string {
  let result = text
  for (let changes = random.between(1, 3); changes > 0; changes--) {
    const [from, to] = [random.below(result.length + 1), random.below(result.length + 1)].sort(
      (a, b) => a - b,
    )
    const [a = 0, b = 0] = [from, random.percent(80) ? Math.min(to ?? 0, (from ?? 0) + random.below(20)) : to]
    const kind = random.below(5)
    if (kind === 0) result = result.slice(0, a) + result.slice(b)
    else if (kind === 1) result = result.slice(0, b) + result.slice(a)
    else if (kind === 2) result = result.slice(0, a)
    else result = result.slice(0, a) + random.pick(PIECES) + result.slice(kind === 3 ? a : b)
    if (result.length > 100_000) result = result.slice(0, 100_000)
  }
  return result
}

/** A text with some of its lines taken, doubled, exchanged or indented otherwise. */
export function shuffled(text: string, random: Random): string {
  const lines = text.split('\n')
  for (let changes = random.between(1, 3); changes > 0; changes--) {
    const at = random.below(lines.length)
    const line = lines[at] ?? ''
    const kind = random.below(5)
    if (kind === 0) lines.splice(at, 1)
    else if (kind === 1) lines.splice(at, 0, line)
    else if (kind === 2) lines.splice(at, 1, lines[(at + 1) % lines.length] ?? '', line)
    else if (kind === 3) lines[at] = line.replace(/^ */, ' '.repeat(random.below(9)))
    else lines[at] = line.replace(/[^\s:{}[\],]+(?=[^\w]*$)/, String(random.pick(PIECES)))
  }
  return lines.join('\n')
}
