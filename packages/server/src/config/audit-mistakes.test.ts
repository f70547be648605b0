import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadgateError } from 'headgate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'headgate-audit-'))
const POLICIES = 'policies: [{ name: api, key: user, rules: [1/h] }]'

beforeAll(() => {
  mkdirSync(join(folder, 'logs'))
  mkdirSync(join(folder, 'conf'))
  symlinkSync('headgate.yaml', join(folder, 'link.log'))
  symlinkSync('conf', join(folder, 'other-conf'))
  writeFileSync(join(folder, 'hash.secret'), 'x'.repeat(32))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What is wrong with a configuration whose audit log is this file: in one file, or in a folder. */
async function mistakeOf(audit: string, place: string): Promise<string | null> {
  const file = join(folder, place === 'conf' ? 'conf/main.yaml' : place)
  writeFileSync(
    file,
    `audit: { file: ${JSON.stringify(audit)} }\nhashKeys: { secretFile: ${folder}/hash.secret }\n${POLICIES}`,
  )
  return loadConfig(join(folder, place)).then(
    () => null,
    (reason) => HeadgateError.from(reason).message,
  )
}

describe('the file of the audit log', () => {
  it.each([
    ['headgate.yaml', 'a file that this configuration reads'],
    ['logs/../headgate.yaml', 'a file that this configuration reads'],
    ['link.log', 'a file that this configuration reads'],
    ['hash.secret', 'a file that this configuration reads'],
    ['logs', 'is a folder; name a file in it, such as logs/audit.log'],
    ['nowhere/audit.log', 'lies in a folder that cannot be found; make it'],
    ['STDOUT', 'for the output of the process write stdout'],
    ['', 'is empty; give it a value'],
  ])('is not %j', async (name, message) => {
    const told = await mistakeOf(name, 'headgate.yaml')
    expect(told).toMatch(/headgate\.yaml:1:\d+ audit\.file: /)
    expect(told).toContain(message)
  })

  it.each(['audit.yaml', 'new.yml', 'audit.json', '../other-conf/audit.yaml'])(
    'is not %s in the folder of a configuration, of which it would be a part',
    async (name) => {
      expect(await mistakeOf(name, 'conf')).toContain('would be read as a part of this configuration')
    },
  )

  it.each([
    ['audit.log', 'conf'],
    ['../audit.yaml', 'conf'],
    ['.audit.yaml', 'conf'],
    ['audit.log', 'headgate.yaml'],
    ['logs/audit.yaml', 'headgate.yaml'],
    ['./STDOUT', 'headgate.yaml'],
    ['/dev/null', 'headgate.yaml'],
    ['stdout', 'headgate.yaml'],
  ])('may be %s of %s', async (name, place) => {
    expect(await mistakeOf(name, place)).toBeNull()
  })
})
