import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorTable } from '../../src/core/error-table.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import { root } from './documents.ts'

const page = readFileSync(join(root, 'docs/reference/errors.md'), 'utf8')
const sections = page.split(/^## /m).slice(1)

describe('the page of errors', () => {
  it('has one section a code of the table, in its order', () => {
    expect(sections.map((section) => section.split('\n')[0])).toEqual(Object.keys(errorTable))
  })

  it.each(Object.entries(errorTable))('says of %s what the table says', (code, meaning) => {
    const section = sections.find((one) => one.startsWith(`${code as ErrorCode}\n`)) ?? ''
    const { http, grpc, resp, retryable } = meaning
    const again = retryable ? 'may be repeated' : 'not to be repeated'
    expect(section).toContain(`\n${meaning.meaning}\n`)
    expect(section).toContain(`HTTP ${http} · gRPC \`${grpc}\` · RESP \`${resp}\` · ${again}`)
    for (const word of ['**Cause.**', '**Fix.**']) expect(section).toContain(word)
  })
})
