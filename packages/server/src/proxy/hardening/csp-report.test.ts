import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../../limiter/test/any-character.ts'
import { parseCspReports } from './csp-report.ts'

const OLDER = {
  'csp-report': {
    'document-uri': 'https://shop.example/pay?card=4111#x',
    'violated-directive': 'script-src',
    'effective-directive': 'script-src-elem',
    'blocked-uri': 'https://evil.example/a.js?secret=1',
    'source-file': 'https://shop.example/app.js',
    'line-number': 7,
    'script-sample': 'alert(1)',
    disposition: 'report',
  },
}
const NEWER = {
  type: 'csp-violation',
  url: 'https://shop.example/',
  body: {
    documentURL: 'https://shop.example/',
    blockedURL: 'inline',
    effectiveDirective: 'style-src-attr',
    sourceFile: null,
    lineNumber: -1,
    disposition: 'enforce',
  },
}

describe('a report', () => {
  it('of the older form is read without queries and samples', () => {
    expect(parseCspReports(JSON.stringify(OLDER))).toEqual([
      {
        directive: 'script-src-elem',
        blocked: 'https://evil.example/a.js',
        document: 'https://shop.example/pay',
        source: 'https://shop.example/app.js',
        line: 7,
        disposition: 'report',
      },
    ])
  })

  it('of browsers that name no effective directive has the violated one', () => {
    const report = { 'csp-report': { 'violated-directive': 'img-src' } }
    expect(parseCspReports(JSON.stringify(report))?.[0]?.directive).toBe('img-src')
  })

  it('of the newer form stands in a list, from which other reports are left out', () => {
    const list = [NEWER, { type: 'deprecation', body: {} }, { type: 'csp-violation' }, null, 3]
    expect(parseCspReports(JSON.stringify(list))).toEqual([
      {
        ...{ directive: 'style-src-attr', blocked: 'inline', document: 'https://shop.example/' },
        ...{ source: '', line: null, disposition: 'enforce' },
      },
    ])
  })

  it('counts as one of at most 20', () => {
    expect(parseCspReports(JSON.stringify(Array(100).fill(NEWER)))).toHaveLength(20)
  })

  it.each(['', '{', 'null', '3', '{}', '{"csp-report":[]}'])('is not %j', (text) => {
    expect(parseCspReports(text)).toBeNull()
  })

  it('has no text that is long, ends a line, moves a cursor or turns the direction of text', () => {
    expect(
      parseCspReports(
        JSON.stringify({ 'csp-report': { 'effective-directive': 'a\r\n\u001b[2Jb\u202ec\u2028\ud800' } }),
      ),
    ).toMatchObject([{ directive: 'a[2Jbc' }])
    fc.assert(
      fc.property(fc.string({ unit: ANY_CHARACTER, maxLength: 400 }), (text) => {
        const report = { 'effective-directive': text, 'blocked-uri': text, 'document-uri': text }
        const [read] = parseCspReports(JSON.stringify({ 'csp-report': report })) ?? []
        for (const part of [read?.directive, read?.blocked, read?.document]) {
          expect(part).not.toMatch(/\p{C}|\p{Zl}|\p{Zp}/u)
          expect(part?.length).toBeLessThanOrEqual(200)
        }
      }),
    )
  })
})
