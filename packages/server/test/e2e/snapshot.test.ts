import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

let folder: string
let config: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-snapshot-'))
  config = join(folder, 'headgate.yaml')
  file = join(folder, 'state')
  writeFileSync(config, 'policies: [{ name: api, key: user, rules: [5/day, 6/week] }]\n')
})

afterEach(() => rmSync(folder, { recursive: true }))

const alice = { attributes: { user: 'alice' }, cost: 3 }
const serve = (): Promise<HeadgateProcess> => HeadgateProcess.serve(['--config', config, '--snapshot', file])

describe('headgate serve --snapshot', () => {
  it('remembers after a planned restart what was spent, in a file that only its owner can read', async () => {
    {
      await using first = await serve()
      expect((await first.post('/v1/consume', alice)).status).toBe(200)
      expect((await first.stop()).code).toBe(0)
    }
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).toSorted()).toEqual(['headgate.yaml', 'state'])
    await using second = await serve()
    expect((await second.post('/v1/consume', alice)).body).toMatchObject({ allowed: false, remaining: 2 })
    expect(second.log.filter(({ level }) => level === 40)).toEqual([])
    expect((await second.stop('SIGINT')).code).toBe(0)
  })

  it('takes back what was spent before the restart, and settles what was reserved, once', async () => {
    const texts: string[] = []
    {
      await using first = await serve()
      texts.push((await first.post('/v1/consume', { ...alice, cost: 1 })).body.receipt)
      texts.push((await first.post('/v1/reserve', { ...alice, cost: 2 })).body.reservation)
      await first.stop()
    }
    await using second = await serve()
    const [receipt, reservation] = texts
    expect((await second.post('/v1/refund', { receipt })).body).toEqual({ refunded: 1 })
    expect((await second.post('/v1/refund', { receipt })).body).toEqual({ refunded: 0 })
    expect((await second.post('/v1/settle', { reservation, actual: 1 })).body).toMatchObject({
      settled: true,
    })
    expect((await second.post('/v1/settle', { reservation, actual: 0 })).body).toMatchObject({
      settled: false,
    })
    expect((await second.post('/v1/peek', { ...alice, cost: 0 })).body).toMatchObject({ remaining: 4 })
  })

  it.each([
    ['another file', 'version: 1\n', 'this is no snapshot of Headgate'],
    ['a damaged one', null, 'the snapshot is damaged'],
  ])('warns of %s, begins empty, and is right again at the next start', async (_, text, why) => {
    {
      await using first = await serve()
      expect((await first.post('/v1/consume', alice)).status).toBe(200)
      await first.stop()
    }
    writeFileSync(file, text ?? readFileSync(file).subarray(0, -3))
    await using second = await serve()
    const [warning] = second.log.filter(({ level }) => level === 40)
    expect(warning?.['msg']).toContain(`${file} is not used, and state begins empty: `)
    expect(warning?.['msg']).toContain(why)
    expect((await second.post('/v1/consume', alice)).status).toBe(200)
    await second.stop()
    await using third = await serve()
    expect((await third.post('/v1/consume', alice)).status).toBe(429)
  })

  it('keeps the old file, says so and ends with code 1 where the new one cannot be written', async () => {
    await using headgate = await serve()
    await headgate.post('/v1/consume', alice)
    rmSync(folder, { recursive: true })
    const { code, stderr } = await headgate.stop()
    expect(code).toBe(1)
    const message = `cannot write ${file} (ENOENT): what was spent is forgotten at the next start`
    expect(stderr).toContain(message)
    expect(headgate.log).toContainEqual(
      expect.objectContaining({ level: 50, msg: `state is lost: ${message}`, err: expect.any(Object) }),
    )
    expect(headgate.log).not.toContainEqual(expect.objectContaining({ msg: 'stopped' }))
    folder = mkdtempSync(join(tmpdir(), 'headgate-snapshot-'))
  })

  it.each([
    [
      ['--store', 'redis://:s3cret@localhost:1'],
      'redis://***@localhost:1 keeps its state by itself; leave it out',
    ],
    [
      ['--snapshot', '/nowhere/at/all'],
      'there is no folder /nowhere/at; make it, or give --snapshot another file',
    ],
    [['--snapshot', ' '], 'an empty path is no file'],
  ])('refuses %j', async (more, message) => {
    const { code, stderr } = await HeadgateProcess.run(['serve', '--port', '0', '--snapshot', file, ...more])
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    expect(stderr).not.toContain('s3cret')
  })
})
