import { describe, expect, it } from 'vitest'
import { parseConfig } from './config.ts'

describe('keys of receipts', () => {
  const withReceipts = (text: string): string => `receipts: ${text}\npolicies: [{ name: a, rules: [1/s] }]\n`
  const [one, two] = ['1', '2'].map((digit) => digit.repeat(32))

  it('are read', () => {
    const { receipts } = parseConfig(withReceipts(`{ key: "${one}", previousKeys: ["${two}"] }`), 'a.yaml')
    expect(receipts).toEqual({ key: one, previousKeys: [two] })
  })

  it.each([
    ['{ key: "tooshort" }', 'receipts.key'],
    [`{ key: "${one}", previousKeys: ["tooshort"] }`, 'receipts.previousKeys[0]'],
    [`{ previousKeys: ["${one}"] }`, 'receipts'],
    [`{ key: "${one}", keys: [] }`, 'receipts'],
  ])('that are wrong are refused without being repeated: %s', (text, path) => {
    const parse = (): unknown => parseConfig(withReceipts(text), 'a.yaml')
    expect(parse).toThrow(path)
    expect(parse).not.toThrow('tooshort')
    expect(parse).not.toThrow(one)
  })
})
