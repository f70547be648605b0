/** The pages on production, pasted into one bash in a folder with the packed packages: Redis, TLS, tokens, replicas, Prometheus. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasCommand } from '../../../../scripts/redis-installers.ts'
import { readDocuments } from '../../../limiter/test/docs/documents.ts'
import { documentedUser } from '../../../limiter/test/documented-user.ts'
import { Installed } from './installed.ts'

const PAGES = ['docs/guide/production.md', 'docs/guide/production-metrics.md']
/** Where the pages listen; here something else may. */
const PORTS = ['6379', '8443', '8444', '9443', '9444', '9091']
const RUN_MS = 150_000
const KILL_MS = 5000

const documents = readDocuments()
const blocks = PAGES.flatMap((path) => documents.find((document) => document.path === path)?.blocks ?? [])
const script = blocks
  .filter(({ language, flags }) => language === 'bash' && !flags.includes('no-run'))
  .map(({ text }) => text)
  .join('\n')

let installed: Installed

beforeAll(async () => {
  installed = await Installed.create()
})

afterAll(() => installed?.[Symbol.dispose]())

describe('the pages on production', () => {
  it('have no block that is not run, but for what a registry is needed for', () => {
    expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(['bash']))
    expect(blocks.filter(({ flags }) => flags.includes('no-run')).map(({ text }) => text)).toEqual([
      expect.stringMatching(/^npm init -y && npm install headgate headgate-server\nexport PATH=/),
    ])
  })

  it('give the user of Redis what the page on Redis says', () => {
    expect(script).toContain(
      `user ${documentedUser.name} on >$REDIS_PASSWORD ${documentedUser.rules.join(' ')}\n`,
    )
  })

  it.skipIf(!hasCommand('prometheus'))(
    'lead from an empty folder to an alert that fires (needs prometheus)',
    { timeout: RUN_MS + 2 * KILL_MS },
    async () => {
      const { code, stdout, stderr } = await paste(await withFreePorts(script))
      const told = `${stdout}\n${stderr}`
      expect([code, code === 0 ? '' : told + logs()]).toEqual([0, ''])
      expect(stdout).toMatch(/^(all well: )?0 errors, \d+ warnings, \d+ fine$/m)
      // Eight of ten units at one replica, one at the other, and eight more are denied at either.
      expect(stdout).toContain('"remaining":2')
      expect(stdout).toContain('{ allowed: true, remaining: 1 }')
      expect(stdout).toMatch(/^denied \(limited\) by api, rule 1m: try again in /m)
      expect(stdout).toContain('denied, by exit code 1\n')
      const [alert = ''] = /^\{"status":"success".*"state":"firing".*$/m.exec(stdout) ?? []
      expect(JSON.parse(alert)).toMatchObject({
        data: { alerts: [{ labels: { alertname: 'Denials', policy: 'api' }, state: 'firing' }] },
      })
      expect(stdout).toMatch(/^ +\d+ {2}100 % {2}api {5}alice$/m)
      expect(stdout).toMatch(/^api {5}alice {2}1m {4}10\/min {5}9 {5}1 /m)
      expect(stdout).toContain('forgotten what was spent under api\n')
      // Tokens stand in their files and nowhere else.
      for (const name of ['checkout', 'operator', 'prometheus']) {
        const token = readFileSync(join(installed.folder, `${name}.token`), 'utf8').trim()
        expect(token).toMatch(/^hgt_/)
        const files = execFileSync('grep', ['-rlF', '--exclude-dir=node_modules', token, installed.folder], {
          encoding: 'utf8',
        })
        const expected = name === 'checkout' ? ['checkout.header', 'checkout.token'] : [`${name}.token`]
        expect(files.trim().split('\n').sort()).toEqual(expected.map((file) => join(installed.folder, file)))
        expect(told).not.toContain(token)
      }
      for (const log of ['one.log', 'two.log']) {
        expect(readFileSync(join(installed.folder, log), 'utf8')).toContain('"msg":"stopped"')
      }
    },
  )
})

/** What the processes said, for whoever looks at a failure. */
function logs(): string {
  const names = ['redis.log', 'one.log', 'two.log', 'prometheus.log']
  const paths = names.map((name) => join(installed.folder, name)).filter((path) => existsSync(path))
  return paths.map((path) => `\n${path}:\n${readFileSync(path, 'utf8')}`).join('')
}

/** Runs a script as a person pastes it, in a group of processes that ends with it. */
async function paste(text: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(HEADGATE_|PORT$|NODE_OPTIONS$)/.test(name),
  )
  const child = spawn('bash', ['-euo', 'pipefail', '-c', text], {
    cwd: installed.folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(inherited),
      PATH: `${join(installed.folder, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`,
      HEADGATE_SHUTDOWN_DELAY: '0',
    },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const end = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid as number), signal)
    } catch {
      // All of them have ended.
    }
  }
  const timer = setTimeout(() => end('SIGKILL'), RUN_MS)
  try {
    const [code] = await once(child, 'close')
    return { code: code as number | null, stdout, stderr }
  } finally {
    clearTimeout(timer)
    end('SIGKILL')
  }
}

async function withFreePorts(text: string): Promise<string> {
  const servers = PORTS.map(() => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const free = servers.map((server) => String((server.address() as { readonly port: number }).port))
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return PORTS.reduce(
    (moved, port, i) => moved.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), free[i] as string),
    text,
  )
}
