import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { blocksOf, readDocuments } from '../../limiter/test/docs/documents.ts'
import { editorSchema } from '../src/config/schema/editor-schema.ts'

const root = join(import.meta.dirname, '..')
const schema = JSON.parse(readFileSync(join(root, 'schema/headgate.schema.json'), 'utf8'))
const validate = new Ajv({
  allErrors: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
}).compile(schema)
const mistakes = (text: string): string[] => {
  return validate(parse(text)) ? [] : (validate.errors ?? []).map(({ instancePath }) => instancePath)
}
const policy = (text: string): string => `policies:\n  - name: a\n    rules: [1/s]\n    ${text}\n`

describe('the JSON Schema for editors', () => {
  it('is the one that is published', () => {
    expect(schema).toEqual(JSON.parse(JSON.stringify(editorSchema())))
  })

  it.each([
    'sample/headgate.yaml',
    'sample/proxy.yaml',
    'sample/proxy-template.yaml',
    'test/fixtures/api-sample.yaml',
    'test/fixtures/modes.yaml',
  ])('takes %s', (file) => {
    expect(mistakes(readFileSync(join(root, file), 'utf8'))).toEqual([])
  })

  it('takes every configuration of the documents', () => {
    const blocks = blocksOf(readDocuments(), 'yaml').filter(({ text }) => /^(version|policies):/m.test(text))
    expect(blocks.length).toBeGreaterThan(3)
    expect(blocks.flatMap(({ place, text }) => mistakes(text).map((path) => `${place} ${path}`))).toEqual([])
  })

  it.each([
    [
      'a variable in place of a number',
      'policies: [{ name: a, rules: [{ limit: 1/s, burst: "${BURST:-5}" }] }]',
    ],
    ['a variable in place of a word', policy('mode: "${MODE}"')],
    ['a variable within a text', `store: { url: memory, prefix: "hg-\${ZONE}" }\n${policy('')}`],
    ['a file of a folder, without policies', 'version: 1\nstore: { url: memory }'],
    ['itself being named', '{ "$schema": "./headgate.schema.json", "policies": [] }'],
  ])('takes %s', (_, text) => {
    expect(mistakes(text)).toEqual([])
  })

  it.each([
    ['an unknown key', `polices: []\n${policy('')}`, ''],
    ['an unknown key of a policy', policy('kee: user'), '/policies/0'],
    ['an unknown mode', policy('mode: on'), '/policies/0/mode'],
    ['a missing name', 'policies: [{ rules: [1/s] }]', '/policies/0'],
    [
      'a burst in words',
      'policies: [{ name: a, rules: [{ limit: 1/s, burst: many }] }]',
      '/policies/0/rules/0/burst',
    ],
    ['a rollout that is a number', policy('rollout: 10'), '/policies/0/rollout'],
    ['an unknown source', `attributes: { user: cookies.sid }\n${policy('')}`, '/attributes/user'],
    ['another version', `version: 2\n${policy('')}`, '/version'],
    ['a prefix with braces', `store: { url: memory, prefix: "{a}" }\n${policy('')}`, '/store/prefix'],
  ])('points at %s', (_, text, path) => {
    expect(mistakes(text)).toContain(path)
  })

  it('says of every field what it is for', () => {
    const bare: string[] = []
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      for (const [key, value] of Object.entries(node)) {
        if (key === 'properties') {
          for (const [name, field] of Object.entries(value as Record<string, { description?: string }>)) {
            if (field.description === undefined) bare.push(`${path}.${name}`)
            visit(field, `${path}.${name}`)
          }
        } else visit(value, path)
      }
    }
    visit(schema, '')
    expect(bare).toEqual([])
  })
})
