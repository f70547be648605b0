import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './documents.ts'

const glossary = readFileSync(join(root, 'docs/reference/glossary.md'), 'utf8')
const entries = globSync('packages/limiter/src/entries/*.ts', { cwd: root })

/** Types that an entry exports: names in upper case that stand in a list of exports. */
function exportedTypes(source: string): string[] {
  const lists = [...source.matchAll(/export (?:type )?\{([^}]+)\}/g)].map(([, list = '']) => list)
  return lists.flatMap((list) => [...list.matchAll(/\b[A-Z][a-z]\w*/g)].map(([name]) => name))
}

describe('the glossary', () => {
  it('has every type that the library exports', () => {
    const types = new Set(entries.flatMap((file) => exportedTypes(readFileSync(join(root, file), 'utf8'))))
    expect(types.size).toBeGreaterThan(80)
    expect([...types].filter((name) => !glossary.includes(`\`${name}\``))).toEqual([])
  })

  it('explains each word once', () => {
    const words = [...glossary.matchAll(/^\| \*\*([^*]+)\*\*/gm)].map(([, word = '']) => word)
    expect(words.length).toBeGreaterThan(50)
    expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([])
  })
})
