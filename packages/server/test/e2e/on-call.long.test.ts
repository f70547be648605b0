/** The commands of the page for those on call, in their order, each against a real service on which somebody is denied. */
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readDocuments } from '../../../limiter/test/docs/documents.ts'
import { ConfigFolder } from './config-folder.ts'
import { HeadgateProcess } from './headgate-process.ts'

const BINARY = join(import.meta.dirname, '../../dist/cli/main.js')
const PAGE = 'docs/operations/on-call.md'
const COMMAND_MS = 30_000
const FILE = `
policies:
  - { name: api, match: { path: /v2/** }, key: user, rules: [100/min] }
`
const orders = { path: '/v2/orders', method: 'POST' }

/** What is printed by the commands of each block, in their order. */
const PRINTED: readonly RegExp[] = [
  /^$/,
  /"ready":true.*"hash":"\w+"/,
  /^denied of the last .*\n\nDENIED SHARE POLICY KEY\n \d+ 100 % api alice\n$/,
  /^(\d\d:\d\d:\d\d denial api 1m alice: limited for .*, id \S+\n){3}$/,
  /^AT .*\n\d\d:\d\d:\d\d api 1m limited alice /,
  /^POLICY .*\napi applies key user=alice, cost 1\n\ndenied \(limited\) by api, rule 1m: try again in /,
  /^POLICY .*\napi alice 1m 100\/min 100 0 /,
  /^forgotten what was spent under api\nunblocked under api\n$/,
  /^blocked under api\nallowed \(within-limit\) by api,[\s\S]*\ndenied \(blocked\) by api,[\s\S]*\nout, by exit code 1\n$/,
  /^\{"version":"1-\w+"\}allowed \(unmatched\)[\s\S]*\{"version":"2-\w+"\}$/,
  /^next\.yaml is valid;[\s\S]*\nMore passes:\n policies\.api\.rules/,
]

describe('the page for those on call', () => {
  it('has commands that answer what it says they do', { timeout: 120_000 }, async () => {
    const { blocks = [] } = readDocuments().find(({ path }) => path === PAGE) ?? {}
    const commands = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
    expect(commands).toHaveLength(PRINTED.length)
    using folder = new ConfigFolder(FILE)
    const bin = join(folder.folder, 'bin')
    mkdirSync(bin)
    chmodSync(BINARY, 0o755)
    symlinkSync(BINARY, join(bin, 'headgate'))
    await using headgate = await HeadgateProcess.serve(['--config', folder.file, '--admin-port', '0'])
    await expect.poll(() => headgate.adminUrl).toMatch(/^http:/)
    const alice = { attributes: { user: 'alice', ...orders } }
    await headgate.post('/v1/consume', { ...alice, cost: 100 })
    const { body } = await headgate.post('/v1/consume', alice)
    const [setting = '', ...rest] = commands
    const variables = setting
      .replace('http://127.0.0.1:8080', headgate.url)
      .replace('http://127.0.0.1:9090', headgate.adminUrl)
    expect(variables).not.toMatch(/:(8080|9090)/)
    const env = { ...process.env, ID: body.id, PATH: `${bin}${delimiter}${process.env['PATH']}` }
    const run = async (text: string): Promise<string> => {
      const options = { cwd: folder.folder, env, timeout: COMMAND_MS }
      const { stdout } = await promisify(execFile)('sh', ['-ec', `${variables}\n${text}`], options)
      // Columns are as wide as what stands in them.
      return stdout.replaceAll(/ +/g, ' ')
    }
    expect(await run('')).toMatch(PRINTED[0] as RegExp)
    for (const [i, text] of rest.entries()) {
      const answer = text.includes('watch')
        ? deniedUntil(run(text), () => headgate.post('/v1/consume', alice))
        : run(text)
      expect(await answer).toMatch(PRINTED[i + 1] as RegExp)
    }
    await expect
      .poll(() => headgate.log.some(({ msg }) => /configuration .*in force|reloaded/.test(String(msg))))
      .toBe(true)
    execFileSync('test', ['!', '-e', join(folder.folder, 'next.yaml')])
    // A file that is wrong, or says the same, does not take the place of the one in force.
    const before = readFileSync(folder.file, 'utf8')
    for (const made of ['200/min|many', '200/min|200/min']) {
      const text = (commands.at(-1) as string).replace('100/min|200/min', made)
      await expect(run(text)).rejects.toThrow()
      expect(readFileSync(folder.file, 'utf8')).toBe(before)
    }
  })
})

/** Denies again and again, until a command that watches has seen enough. */
async function deniedUntil(watching: Promise<string>, deny: () => Promise<unknown>): Promise<string> {
  let isOver = false
  const ended = watching.finally(() => {
    isOver = true
  })
  while (!isOver) {
    await deny()
    // Others have their turn, such as the end of the command.
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return ended
}
