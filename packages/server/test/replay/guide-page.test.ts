import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../docs/guide/replay.md'), 'utf8')

function block(opening: string): string {
  const [, text = ''] = new RegExp(`\`\`\`${opening}\n(.*?)\`\`\``, 's').exec(page) ?? []
  return text
}

it('the page about replay shows what the command prints of its log and its configuration', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-page-'))
  writeFileSync(join(folder, 'access.log'), block('text log'))
  writeFileSync(join(folder, 'new.yaml'), block('yaml replayed'))
  const [, ...args] = block('sh').trim().split(' ')
  const { stdout, stderr } = await HeadgateProcess.run(args, {}, { folder })
  rmSync(folder, { recursive: true })
  expect([stdout, stderr]).toEqual([block('text output'), ''])
})
