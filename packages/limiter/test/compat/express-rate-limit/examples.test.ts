/** Code as their documents have it: it runs with their package, and with ours after the import line is changed. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { RequestHandler } from 'express'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Scratch } from '../../docs/scratch.ts'
import { redisForTests } from '../../redis-for-tests.ts'
import { serve } from './served.ts'

const THEIRS = "'express-rate-limit'"
const OURS = "'headgate/compat/express-rate-limit'"

type Asked = readonly [path: string, status: number, headers?: Readonly<Record<string, string>>]

/** What is asked of an example, and how it answers. */
const expected: Readonly<Record<string, readonly Asked[]>> = {
  basic: [
    ['/', 200],
    ['/', 200],
    ['/', 200],
    ['/', 429],
  ],
  routes: [
    ['/api', 200],
    ['/api', 429],
    ['/api', 200, { 'x-api-key': 'premium' }],
    ['/api', 200, { 'x-api-key': 'premium' }],
    ['/create-account', 200],
    ['/create-account', 403],
  ],
  redis: [
    ['/', 200],
    ['/', 200],
    ['/', 429],
  ],
}

interface Example {
  readonly app: RequestHandler
  readonly close?: () => void
}

const redis = redisForTests()
const folder = join(import.meta.dirname, 'fixtures')
const names = globSync('*.ts', { cwd: folder }).map((file) => basename(file, '.ts'))
let scratch: Scratch

beforeAll(() => {
  scratch = new Scratch()
})

afterAll(() => {
  scratch?.[Symbol.dispose]()
})

beforeEach(async () => {
  vi.stubEnv('REDIS_URL', redis.server.url)
  await redis.admin.flushdb()
})

describe.each([
  ['theirs', THEIRS],
  ['ours', OURS],
])('an example by the import line of %s', (_, specifier) => {
  it.each(names)('runs: %s', async (name) => {
    const source = readFileSync(join(folder, `${name}.ts`), 'utf8')
    expect(source).toContain(THEIRS)
    const path = scratch.write({ place: `${name} ${specifier}` }, 'ts', source.replace(THEIRS, specifier))
    const { app, close } = (await import(/* @vite-ignore */ path)) as Example
    if (close !== undefined) onTestFinished(close)
    const { get } = await serve(app)
    const seen: Asked[] = []
    for (const [path, , headers] of expected[name] ?? []) {
      const { status = 0 } = await get(path, headers)
      seen.push(headers === undefined ? [path, status] : [path, status, headers])
    }
    expect(seen).toEqual(expected[name])
  })
})

it('every expected example is there', () => {
  expect(names.sort()).toEqual(Object.keys(expected).sort())
})
