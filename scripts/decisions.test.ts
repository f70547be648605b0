import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const folder = 'docs/decisions'
const names = readdirSync(folder).filter((name) => /^\d/.test(name))
const rows = readFileSync(`${folder}/README.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ['))

/** The row of a record without what it decides, which only a reader can judge. */
function rowOf(name: string): { link: string; title: string; supersededBy: string } {
  const text = readFileSync(`${folder}/${name}`, 'utf8')
  const [, number = '', title = ''] = /^# (\d{4})\. (.*)$/m.exec(text) ?? []
  const [, supersededBy = ''] = /^Status: superseded by (.*)$/m.exec(text) ?? []
  return { link: `[${number}](${name})`, title, supersededBy }
}

describe('the index of decisions', () => {
  it('has one row for each record, in order, with its title and what superseded it', () => {
    const listed = rows.map((row) => {
      const [, link = '', title = '', , supersededBy = ''] = row.split('|').map((cell) => cell.trim())
      return { link, title, supersededBy }
    })
    expect(listed).toEqual(names.sort().map(rowOf))
  })

  it('says what each decides', () => {
    for (const row of rows) expect(row.split('|')[3]?.trim(), row).not.toBe('')
  })

  it('counts without gaps, one record a number', () => {
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1))
  })
})
