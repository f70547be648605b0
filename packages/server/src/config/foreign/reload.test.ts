import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Configuration } from '../../service/configuration.ts'
import { loadConfig } from '../config.ts'
import { Reloader } from '../reloader.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-foreign-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
const limits = (key: string): string =>
  `domain: edge\ndescriptors: [{ key: ${key}, rate_limit: { unit: day, requests_per_unit: 2 } }]\n`

it('files of other systems are read again with ours, and a bad one keeps all of them as they were', async () => {
  write('a.yaml', 'version: 1\npolicies: [{ name: own, key: user, rules: [1/s] }]')
  write('b.yaml', limits('plan'))
  const config = await loadConfig(folder)
  const applied: Configuration[] = []
  const rejected: object[] = []
  const target = {
    apply: (next: Configuration) => applied.push(next),
    reject: (why: object) => rejected.push(why),
  }
  const reloader = new Reloader({ config, target })
  write('b.yaml', limits('tariff'))
  await reloader.reload()
  expect(
    applied.map(({ policies, domains }) => [
      policies.map(({ name }) => name),
      domains?.[0]?.descriptors[0]?.key,
    ]),
  ).toEqual([[['own', 'edge.tariff'], 'tariff']])
  write('b.yaml', limits('""'))
  await reloader.reload()
  expect([applied.length, rejected]).toEqual([
    1,
    [
      {
        file: 'b.yaml',
        path: 'descriptors[0].key',
        line: 2,
        column: expect.any(Number),
        message: 'the key is empty; give it a name',
        more: 0,
      },
    ],
  ])
})
