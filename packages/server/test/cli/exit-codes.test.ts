import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../../../limiter/test/docs/documents.ts'
import { EXIT } from '../../src/cli/exit.ts'

it('each exit code has a row in the reference, and no other has', () => {
  const page = readFileSync(join(root, 'docs/reference/command-line.md'), 'utf8')
  const table = page.slice(page.indexOf('## Exit codes'))
  const codes = Array.from(table.matchAll(/^\| (\d+) \|/gm), ([, code]) => Number(code))
  expect(codes).toEqual([...new Set(Object.values(EXIT))])
})
