import { describe, expect, it } from 'vitest'
import { textLine } from './text-line.ts'

describe('textLine', () => {
  it('has time, level and message, then the fields', () => {
    const fields = {
      url: 'http://a',
      policy: 'a b',
      n: 3,
      nothing: null,
      deep: { a: 1 },
      trick: 'a=b',
      bell: '\u0007',
    }
    const line = JSON.stringify({
      level: 30,
      time: '2026-01-01T00:00:00.000Z',
      pid: 1,
      ...fields,
      msg: 'listening',
    })
    expect(textLine(line)).toBe(
      '2026-01-01T00:00:00.000Z info  listening url=http://a policy="a b" n=3 nothing=null deep={"a":1} trick="a=b" bell="\\u0007"\n',
    )
  })
})
