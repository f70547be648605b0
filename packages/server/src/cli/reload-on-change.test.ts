import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../config/config.ts'
import { openStores } from '../config/store-from-config.ts'
import { createService } from '../service/create-service.ts'
import type { Service } from '../service/service.ts'
import { logEvents } from '../telemetry/log/log-events.ts'
import { reloadOnChange } from './reload-on-change.ts'

const policies = (limit: string): string => `policies: [{ name: api, key: user, rules: ['${limit}'] }]`

let folder: string
let file: string
let service: Service
let lines: Record<string, unknown>[]
let stop: () => void

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-signal-'))
  file = join(folder, 'headgate.yaml')
  writeFileSync(file, policies('1/h'))
  const config = await loadConfig(file)
  const store = await openStores(config.stores, config.resilience)
  service = createService({ configuration: config, store })
  lines = []
  const log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line)) })
  logEvents(log, service)
  stop = reloadOnChange({ log, service, target: service, config })
})

afterEach(async () => {
  stop()
  rmSync(folder, { recursive: true, force: true })
  await service.close()
})

const limit = (): unknown => service.policies().policies[0]?.rules
const messages = (): unknown[] => lines.map(({ msg }) => msg)

describe('reloadOnChange', () => {
  it('puts a changed file in force', async () => {
    writeFileSync(file, policies('2/h'))
    await expect.poll(limit).toEqual(['2/h'])
    expect(messages()).toEqual(['another configuration is in force'])
  })

  it('reads the file at SIGHUP, also where its folder is not there to be watched', async () => {
    rmSync(folder, { recursive: true })
    await expect.poll(messages).toContainEqual(expect.stringContaining(`cannot watch ${folder}`))
    process.emit('SIGHUP')
    await expect.poll(messages).toContain('read the configuration again')
    expect(lines.at(-1)).toMatchObject({
      signal: 'SIGHUP',
      hash: service.policies().hash,
      rejected: { message: 'the file does not exist; check --config' },
    })
    expect(limit()).toEqual(['1/h'])
  })

  it('logs where a file is wrong, once, and that it is right again', async () => {
    const { hash } = service.policies()
    writeFileSync(file, policies('many'))
    await expect.poll(() => service.policies().rejected).not.toBeNull()
    for (let i = 0; i < 3; i++) process.emit('SIGHUP')
    writeFileSync(file, policies('1/h'))
    await expect.poll(() => service.policies()).toMatchObject({ rejected: null, hash })
    const [rejected, again, ...others] = lines.filter(({ signal }) => signal === undefined)
    expect(rejected).toMatchObject({
      level: 50,
      path: 'policies[0].rules[0].limit',
      line: 1,
      column: 44,
      hash,
    })
    expect(rejected?.['msg']).toContain('the configuration is rejected, and the old one stays: "many"')
    expect(again).toMatchObject({ hash, msg: 'the configuration is again that in force' })
    expect(others).toEqual([])
  })

  it('warns of each setting that takes a restart', async () => {
    writeFileSync(file, `store: { url: "redis://localhost:1" }\n${policies('2/h')}`)
    await expect.poll(limit).toEqual(['2/h'])
    expect(lines.at(-1)).toMatchObject({ level: 40, path: 'store.url' })
    expect(service.policies().notInForce).toMatchObject([{ path: 'store.url' }])
  })

  it('hears nothing more once it is stopped', () => {
    stop()
    expect(process.listenerCount('SIGHUP')).toBe(0)
  })
})

describe('reloadOnChange of a folder', () => {
  beforeEach(async () => {
    stop()
    await service.close()
    writeFileSync(join(folder, 'other.yaml'), 'policies: [{ name: other, key: user, rules: [1/h] }]')
    const config = await loadConfig(folder)
    const store = await openStores(config.stores, config.resilience)
    service = createService({ configuration: config, store })
    stop = reloadOnChange({ log: pino({ enabled: false }), service, config, target: service })
  })

  const names = (): unknown[] => service.policies().policies.map(({ name }) => name)

  it('puts files in force that are changed, added or removed', async () => {
    expect(names()).toEqual(['api', 'other'])
    writeFileSync(file, policies('2/h'))
    await expect.poll(limit).toEqual(['2/h'])
    writeFileSync(join(folder, 'third.json'), '{"policies":[{"name":"third","key":"user","rules":["1/h"]}]}')
    await expect.poll(names).toEqual(['api', 'other', 'third'])
    rmSync(file)
    await expect.poll(names).toEqual(['other', 'third'])
  })

  it('keeps all of the old one while a file is wrong', async () => {
    writeFileSync(file, policies('2/h').slice(0, 20))
    await expect.poll(() => service.policies().rejected).toMatchObject({ file: 'headgate.yaml' })
    expect([names(), limit()]).toEqual([['api', 'other'], ['1/h']])
  })
})
