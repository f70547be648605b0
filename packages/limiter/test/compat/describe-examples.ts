/** Code as the documents of a package have it: it runs with that package, and with ours after the import line is changed. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Scratch } from '../docs/scratch.ts'
import { redisForTests } from '../redis-for-tests.ts'

/** The examples in `fixtures` of a folder, and what is expected of each by its name. */
export interface Examples<Expected> {
  readonly folder: string
  readonly specifier: string
  readonly expected: Readonly<Record<string, Expected>>
}

/** Runs the examples; `check` is told what one exports, and what is expected of it. */
export function describeExamples<Example, Expected>(
  { folder, specifier, expected }: Examples<Expected>,
  check: (example: Example, expected: Expected) => Promise<void>,
): void {
  const redis = redisForTests()
  const fixtures = join(folder, 'fixtures')
  const names = globSync('*.ts', { cwd: fixtures }).map((file) => basename(file, '.ts'))
  const theirs = `'${specifier}'`
  let scratch: Scratch

  beforeAll(() => {
    scratch = new Scratch()
  })

  afterAll(() => {
    scratch?.[Symbol.dispose]()
  })

  beforeEach(async () => {
    // Their examples have prefixes of their own, and theirs are run with their package.
    vi.stubEnv('REDIS_URL', redis.server.adminUrl)
    await redis.admin.flushall()
  })

  describe.each([
    ['theirs', theirs],
    ['ours', `'headgate/compat/${specifier}'`],
  ])('an example by the import line of %s', (_, imported) => {
    it.each(names)('runs: %s', async (name) => {
      const source = readFileSync(join(fixtures, `${name}.ts`), 'utf8')
      expect(source).toContain(theirs)
      const path = scratch.write({ place: `${name} ${imported}` }, 'ts', source.replace(theirs, imported))
      await check((await import(/* @vite-ignore */ path)) as Example, expected[name] as Expected)
    })
  })

  it('every expected example is there', () => {
    expect(names.sort()).toEqual(Object.keys(expected).sort())
  })
}
