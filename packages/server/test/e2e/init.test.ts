import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-init-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const run = (...args: string[]) => new HeadgateProcess(args, {}, { folder }).ended()

describe('headgate init', () => {
  it('writes a configuration that is valid, names its schema, and is what serve takes', async () => {
    expect(await run('init')).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(folder).sort()).toEqual(['headgate.schema.json', 'headgate.yaml'])
    const [first] = readFileSync(join(folder, 'headgate.yaml'), 'utf8').split('\n')
    expect(first).toBe('# yaml-language-server: $schema=./headgate.schema.json')
    expect(await run('check')).toMatchObject({ code: 0, stdout: expect.not.stringContaining('warning: ') })
    expect(await run('check', folder)).toMatchObject({ code: 0 })
  })

  it('writes one of a proxy, whose settings are valid as they stand and when they are taken', async () => {
    expect(await run('init', '--proxy')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/headgate proxy\n$/),
    })
    expect(await run('check')).toMatchObject({ code: 0, stdout: expect.not.stringContaining('warning: ') })
    const file = join(folder, 'headgate.yaml')
    const text = readFileSync(file, 'utf8')
    const taken = text.replaceAll(/^( *)#(?=[^ \n])/gm, '$1')
    expect(
      taken.match(/^ *(hosts|require|apiKeys|routes|cors|trustedProxies|- \{ name: guesses)/gm),
    ).toHaveLength(7)
    writeFileSync(file, taken)
    expect(await run('check')).toMatchObject({ code: 0 })
  })

  it('never writes over a configuration, unless it is forced to', async () => {
    writeFileSync(join(folder, 'headgate.yaml'), 'mine')
    const { code, stderr } = await run('init')
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('headgate.yaml is there; --force writes over it'),
    ])
    expect(readdirSync(folder)).toEqual(['headgate.yaml'])
    expect(readFileSync(join(folder, 'headgate.yaml'), 'utf8')).toBe('mine')
    const forced = await run('init', '--force', '--json')
    expect(JSON.parse(forced.stdout)).toEqual({ written: ['headgate.yaml', 'headgate.schema.json'] })
  })
})
