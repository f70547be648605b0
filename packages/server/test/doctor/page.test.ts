import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')

it('docs/operations/doctor.md names all checks of the doctor, and no other', () => {
  const sources = globSync('packages/server/src/cli/doctor/**/*.ts', { cwd: root }).filter(
    (path) => !path.endsWith('.test.ts'),
  )
  const inCode = sources.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return Array.from(text.matchAll(/findingsOf\('([a-z-]+)'/g), ([, name]) => name)
  })
  const page = readFileSync(join(root, 'docs/operations/doctor.md'), 'utf8')
  const onPage = page.split('\n').flatMap((line) => {
    const [, first = ''] = /^\| (`[^|]+) \|/.exec(line) ?? []
    return Array.from(first.matchAll(/`([a-z-]+)`/g), ([, name]) => name)
  })
  expect([...new Set(inCode)].sort()).toEqual(onPage.sort())
})
