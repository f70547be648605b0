import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-check-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd: string = folder) {
  const headgate = new HeadgateProcess(['check', ...args], env, { folder: cwd })
  const { code, stdout, stderr } = await headgate.ended()
  return { code, stdout, stderr }
}

const policy = (text: string): string => `policies: [{ name: a, rules: [1/s], ${text} }]`

describe('headgate check', () => {
  it('says of patterns of other tools what to write', async () => {
    const rows: [text: string, message: string][] = [
      [policy('match: { path: "/u/:id" }'), 'write * for :id'],
      [policy('match: { path: "/api/{id}" }'), 'write * for {id}'],
      [policy('match: { path: "/a/<id>" }'), 'write * for <id>'],
      [policy('match: { path: "^/a$" }'), 'begin with a slash'],
      [policy('match: { method: post }'), 'write POST'],
      [`deny: { path: [/login, "/u/:id"] }\n${policy('')}`, 'write * for :id'],
    ]
    const files = rows.map(([text], i) => written(`pattern-${i}.yaml`, text))
    const { code, stdout } = await run(['--json', ...files])
    expect(code).toBe(2)
    const { valid, files: reports } = JSON.parse(stdout)
    expect([valid, reports.map((one: { valid: boolean }) => one.valid)]).toEqual([
      false,
      rows.map(() => false),
    ])
    for (const [i, [, message]] of rows.entries()) {
      expect(reports[i].mistakes).toEqual([
        {
          file: files[i],
          path: expect.any(String),
          line: 1,
          column: expect.any(Number),
          message: expect.stringContaining(message),
        },
      ])
    }
  })

  it.each([
    ['a # in the password', 'redis://u:s3cret#x@h:6379'],
    ['port 99999', 'redis://u:s3cret@h:99999'],
    ['sentinels without a name', 'redis+sentinel://u:s3cret@h:26379'],
  ])('and serve say the same of %s, wherever it is given', async (_, url) => {
    const file = written('store.yaml', `store: { url: "${url}" }\n${policy('')}`)
    const checked = await run([file])
    const served = await HeadgateProcess.run(['serve', '--config', file])
    expect(checked).toEqual({ code: 2, stdout: '', stderr: served.stderr })
    expect(served.code).toBe(2)
    const byVariable = await run([file], { HEADGATE_STORE: url })
    expect([byVariable.code, byVariable.stderr.startsWith('HEADGATE_STORE: ')]).toEqual([2, true])
    expect(`${checked.stderr}${byVariable.stderr}`).not.toContain('s3cret')
  })

  it('takes what serve would: the file of the folder, variables, --store in place of the one in the file', async () => {
    const own = join(folder, 'own')
    mkdirSync(own)
    writeFileSync(
      join(own, 'headgate.yaml'),
      `stores: { main: { url: "\${URL}" }, b: { url: memory } }\n${policy('')}`,
    )
    expect((await run([], {}, own)).stderr).toContain(
      'headgate.yaml:1:19 stores.main.url: the variable URL is unset',
    )
    const { code, stdout } = await run([], { URL: 'memory:', HEADGATE_STROE: 'x' }, own)
    expect([code, stdout]).toEqual([0, expect.stringContaining('headgate.yaml is valid; policies: 1')])
    expect(stdout).toContain('warning: unknown variable "HEADGATE_STROE" (did you mean "HEADGATE_STORE"?)')
    const replaced = await run(['--store', 'memory'], { URL: 'memory:' }, own)
    expect([replaced.code, replaced.stderr]).toEqual([2, expect.stringContaining('the file has several')])
  })

  it('tells all of a good file, as text and as JSON, and of policies that never apply', async () => {
    const choose = (priority: number): string => `choose: { group: g, priority: ${priority} }`
    const file = written(
      'good.yaml',
      `policies:
  - { name: a, rules: [100/min], match: { user: x }, ${choose(1)} }
  - { name: b, rules: [{ name: r, limit: 10/s, burst: 20 }], ${choose(2)}, overrides: [{ match: { user: v }, rules: { r: { limit: 20/s } } }] }
`,
    )
    const text = await run([file])
    const [first, ...lines] = text.stdout.trim().split('\n')
    const json = await run(['--json', file])
    const report = JSON.parse(json.stdout)
    expect([text.code, json.code, report.valid]).toEqual([0, 0, true])
    const { hash, worstCases, overrides, warnings } = report.files[0]
    expect(first).toBe(`${file} is valid; policies: 2, hash: ${hash}`)
    expect(lines).toEqual([
      ...[...worstCases, ...overrides].map((line: string) => `  ${line}`),
      ...warnings.map((line: string) => `warning: ${line}`),
    ])
    expect([worstCases.length, overrides.length]).toEqual([2, 1])
    expect(warnings).toEqual([expect.stringMatching(/^policies\[0\]: policy a never applies/)])
  })
})
