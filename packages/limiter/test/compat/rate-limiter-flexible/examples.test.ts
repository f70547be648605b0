/** Code as their documents have it: it runs with their package, and with ours after the import line is changed. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { RateLimiterAbstract } from 'headgate/compat/rate-limiter-flexible'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Scratch } from '../../docs/scratch.ts'
import { redisForTests } from '../../redis-for-tests.ts'

const THEIRS = "'rate-limiter-flexible'"
const OURS = "'headgate/compat/rate-limiter-flexible'"

const expected: Readonly<Record<string, readonly unknown[]>> = {
  basic: ['passed', 4, true, 'passed', 2, true, 'passed', 0, true, 'rejected', 0],
  login: [400, 400, 200, 400, 400, 400, 429, 429, 429, 200],
  insurance: [4, 3, 0, 'rejected', 0],
}

interface Example {
  readonly seen: readonly unknown[]
  readonly limiters: readonly object[]
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
  await redis.admin.flushall()
})

describe.each([
  ['theirs', THEIRS],
  ['ours', OURS],
])('an example by the import line of %s', (_, specifier) => {
  it.each(names)('runs: %s', async (name) => {
    const source = readFileSync(join(folder, `${name}.ts`), 'utf8')
    expect(source).toContain(THEIRS)
    const path = scratch.write({ place: `${name} ${specifier}` }, 'ts', source.replace(THEIRS, specifier))
    const { seen, limiters } = (await import(/* @vite-ignore */ path)) as Example
    for (const limiter of limiters) if (limiter instanceof RateLimiterAbstract) await limiter.close()
    expect(seen).toEqual(expected[name])
  })
})

it('every expected example is there', () => {
  expect(names.sort()).toEqual(Object.keys(expected).sort())
})
