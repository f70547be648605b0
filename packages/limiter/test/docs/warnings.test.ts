import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './documents.ts'

const page = readFileSync(join(root, 'docs/reference/warnings.md'), 'utf8')
const sections = page.split(/^## /m).slice(1)
const titles = sections.map((section) => section.split('\n')[0])

/** Codes that sources emit warnings with. */
function emittedCodes(): Set<string> {
  const files = globSync('packages/*/src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'))
  const text = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  const calls = text.matchAll(/(?:(?:warn|warnOnce|emit|distinctWarnings)\(\s*|code: )'(HEADGATE_\w+)'/g)
  return new Set(Array.from(calls, ([, code = '']) => code))
}

describe('the page of warnings', () => {
  it('has a section for each code that is emitted, and none else', () => {
    expect([...emittedCodes()].sort()).toEqual([...titles].sort())
  })

  it('has them in the order in which the codes are declared', () => {
    const source = readFileSync(join(root, 'packages/limiter/src/core/warn.ts'), 'utf8')
    expect(titles).toEqual(Array.from(source.matchAll(/\| '(HEADGATE_\w+)'/g), ([, code]) => code))
  })

  it.each(titles)('says what, why and how to fix it: %s', (title) => {
    const section = sections[titles.indexOf(title)]
    for (const word of ['**What.**', '**Why.**', '**Fix.**']) expect(section).toContain(word)
  })
})
