/** The Lua sources of the Redis store as they are sent: without comments and needless space, and with short names. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../packages/limiter/src/stores/redis/lua')
const token = /'(?:\\.|[^'\\\n])*'|[A-Za-z_]\w*|\d+|\s+|[\s\S]/g
const isName = (text: string | undefined): text is string => /^[A-Za-z_]/.test(text ?? '')
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
/** Between these and what stands beside them, Lua needs no space. */
const signs = new Set('=~<>+*/%#,;:()[]{}')

const words =
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'
/** What Lua, Redis and `scripts.ts` give names to. */
const given = `${words} KEYS ARGV redis math string struct table error ipairs pcall select tonumber tostring unpack custom os io`

const sources = new Map(
  readdirSync(folder).map((file) => [
    file.replace('.lua', ''),
    stripped(readFileSync(join(folder, file), 'utf8')),
  ]),
)
const names = shortNames([...sources.values()])

/** A source as it is sent; parts put together in any order fit, since a name is the same short name everywhere. */
export function luaSource(name: string): string {
  const text = sources.get(name)
  if (text === undefined) throw new Error(`there is no ${name}.lua`)
  return shortened(text)
}

/** Any piece of the sources, without comments, as it is sent. */
export function shortened(text: string): string {
  const tokens = text.match(token) ?? []
  const kept = tokens.filter(
    (one, i) => one !== ' ' || !(signs.has(tokens[i - 1] ?? '') || signs.has(tokens[i + 1] ?? '')),
  )
  return kept.map((one) => names.get(one) ?? one).join('')
}

/** The most frequent names are the shortest. */
function shortNames(texts: readonly string[]): ReadonlyMap<string, string> {
  const kept = new Set(given.split(' '))
  const counts = new Map<string, number>()
  for (const text of texts) {
    const tokens = text.match(token) ?? []
    tokens.forEach((one, i) => {
      const library = tokens[i - 1] === '.' && isName(tokens[i - 2]) ? tokens[i - 2] : ''
      if (kept.has(library as string)) kept.add(one)
      if (isName(one)) counts.set(one, (counts.get(one) ?? 0) + 1)
    })
  }
  const ours = [...counts].filter(([name]) => !kept.has(name))
  ours.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const free = shortest(ours.length + kept.size).filter((name) => !kept.has(name))
  return new Map(ours.map(([name], i) => [name, free[i] as string]))
}

function shortest(count: number): string[] {
  const one = [...letters]
  const two = one.flatMap((first) => one.map((second) => first + second))
  return [...one, ...two].slice(0, count)
}

function stripped(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const odd = lines.find((line) => !line.startsWith('--') && /"|\[\[|\b\d+[a-z]/i.test(line))
  if (odd !== undefined) throw new Error(`only texts in '…' and decimal numbers are understood: ${odd}`)
  return `${lines.filter((line) => line !== '' && !line.startsWith('--')).join('\n')}\n`
}
