/** The unit of systemd, as its own tools judge it. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasCommand } from '../../../../scripts/redis-installers.ts'
import { root } from '../../../limiter/test/docs/documents.ts'
import { longestEndSeconds, mostConnections } from './product.ts'
import { fileText, runCommand } from './tools.ts'

const UNIT = 'headgate.service'
const unit = fileText(`deploy/systemd/${UNIT}`)
const hasSystemd = hasCommand('systemd-analyze')
if (!hasSystemd) console.warn('SKIPPED, there is no systemd-analyze')
/** Of 10; services of a distribution mostly have more than 9. What is left: sockets, its network, and machine code that V8 makes. */
const EXPOSURE_MAX = 1.5
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-systemd-'))
  cpSync(join(root, 'deploy/systemd'), folder, { recursive: true })
})

afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(!hasSystemd)('the unit', () => {
  it('has nothing that systemd would have otherwise, also with the settings of Redis', () => {
    expect(runCommand('systemd-analyze', ['verify', join(folder, UNIT)])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    })
  })

  it('leaves an attacker little', () => {
    const args = ['security', '--offline=true', `--threshold=${EXPOSURE_MAX * 10}`, join(folder, UNIT)]
    const { status, stdout } = runCommand('systemd-analyze', args)
    expect(status, stdout.trim().split('\n').at(-1)).toBe(0)
  })
})

describe('what the unit says of the product', () => {
  const numberOf = (name: string): number =>
    Number.parseInt(new RegExp(`^${name}=(\\d+)`, 'm').exec(unit)?.[1] ?? '', 10)

  it('gives the end more time than it takes', async () => {
    expect(numberOf('TimeoutStopSec')).toBeGreaterThan(await longestEndSeconds())
  })

  it('has descriptors for all connections that the product takes, and a thousand more', async () => {
    expect(numberOf('LimitNOFILE')).toBe((await mostConnections()) + 1000)
  })
})
