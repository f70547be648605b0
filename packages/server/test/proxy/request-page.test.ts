/** The page about how requests are read: its lists are those of the code, and its examples are true. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../../limiter/test/docs/documents.ts'
import {
  CONNECTION_FIELDS,
  SINGLE_FIELDS,
  SPOOFED_FIELDS,
  SPOOFED_PREFIXES,
} from '../../src/proxy/request/field-lists.ts'
import { neverAllowed, REFUSALS } from '../../src/proxy/request/refusals.ts'
import { RequestFront } from './request-front.ts'

const page = readFileSync(join(root, 'docs/reference/proxy-request.md'), 'utf8')

/** The names in the paragraph behind a mark. */
function listed(mark: string): (string | undefined)[] {
  const [, paragraph = ''] = new RegExp(`^<!-- ${mark} -->\n(.+?)\n\n`, 'ms').exec(page) ?? []
  return [...paragraph.matchAll(/`([^`]+)`/g)].map(([, name]) => name)
}

/** The rows of the table in a section. */
function rowsOf(section: string): string[][] {
  const text = page.split('\n## ').find((one) => one.startsWith(section)) ?? ''
  const rows = text.split('\n').filter((line) => line.startsWith('| '))
  return rows.slice(2).map((row) => row.split(' |').map((cell) => cell.replace(/^\|? ?/, '')))
}

describe('the page about requests', () => {
  it('lists the fields that the code has', () => {
    expect(listed('once')).toEqual(SINGLE_FIELDS)
    expect(listed('connection')).toEqual(CONNECTION_FIELDS)
    expect(listed('spoofed')).toEqual(SPOOFED_FIELDS)
    expect(listed('prefixes')).toEqual(SPOOFED_PREFIXES)
  })

  it('lists each refusal, with its status and whether it closes', () => {
    const { afterDoubt: _, ...refusals } = REFUSALS
    const answers = [...Object.values(refusals), neverAllowed(['GET'])]
    const known = answers.map(({ status, closes }) => `${status} ${closes === true ? 'yes' : ''}`)
    const rows = rowsOf('What is refused').map(([status, , closes]) => `${status} ${closes}`)
    expect(rows.sort()).toEqual(known.sort())
  })

  it('shows what is forwarded of a target, and what is added', async () => {
    const front = await RequestFront.open()
    try {
      for (const [sent = '', forwarded = ''] of rowsOf('What becomes of the target')) {
        front.clear()
        await front.send(`GET ${sent.replaceAll('`', '')} HTTP/1.1\r\nHost: shop.example\r\n\r\n`)
        const url = front.received[0]?.url
        expect(url === undefined ? 'refused' : `\`${url}\``).toBe(forwarded)
      }
      const fields = front.received[0]?.fields.filter((_, i) => i % 2 === 0) ?? []
      const added = rowsOf('Fields that are added').map(([name]) => name?.replaceAll('`', ''))
      expect(fields.filter((name) => name !== 'Connection')).toEqual(added)
    } finally {
      await front.close()
    }
  })
})
