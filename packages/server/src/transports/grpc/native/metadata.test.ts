import { describe, expect, it } from 'vitest'
import { valuesOf } from './metadata.ts'

function read(name: string, ...values: string[]): readonly string[] {
  const fields = [{ name: 'other', value: 'x' }, ...values.map((value) => ({ name, value }))]
  return valuesOf(fields, name)
}

describe('values of metadata', () => {
  it('are all of a name, in their order, as they were sent', () => {
    expect(read('user', 'b', 'a, c', ' d ')).toEqual(['b', 'a, c', ' d '])
    expect(read('user')).toEqual([])
  })

  it('are octets where the name ends in -bin, padded or not, one or several in a field', () => {
    expect(read('user-bin', 'YWRh', 'Ym8=', 'Ym8, YWRh,')).toEqual(['ada', 'bo', 'bo', 'ada', ''])
  })
})
