/** Makes sure that the long tests have clients of HTTP/1.1 and proxies. What cannot be installed it names, and its tests are skipped. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { folderApart, installApart } from './install-apart.ts'
import { installCommands } from './install-commands.ts'
import { hasCommand } from './redis-installers.ts'

const NODE_PACKAGES = ['undici@7.30.2', 'axios@1.21.1']
const PYTHON_PACKAGES = ['requests==2.34.2', 'httpx==0.28.1', 'aiohttp==3.14.5']
const GO_CLIENT = 'packages/server/test/fixtures/clients/http-go'
const TIMEOUT_MS = 300_000

const folder = folderApart(`headgate-http-clients/${NODE_PACKAGES.join('_')}`)
const site = join(folder, `python-${PYTHON_PACKAGES.join('_')}`)
const client = join(folder, 'go-client')

if (import.meta.main) ensureHttpClients()

/** Installs and builds what is missing. */
export function ensureHttpClients(): void {
  const tests = 'the tests of clients of HTTP'
  installCommands({ commands: ['curl', 'haproxy', 'nginx'], tests })
  mkdirSync(folder, { recursive: true })
  if (nodeClients() === null) {
    const said = installApart(folder, NODE_PACKAGES)
    if (nodeClients() === null) warn('undici and axios', said)
  }
  if (pythonClients() === null) {
    const said = run('python3', ['-m', 'pip', 'install', '--quiet', '--target', site, ...PYTHON_PACKAGES])
    if (pythonClients() === null) warn('clients in Python', said)
  }
  const said = run('go', ['build', '-C', GO_CLIENT, '-o', client, '.'])
  if (goHttpClient() === null) warn('the client in Go', said)
}

/** Where packages of npm are; null where there are none. */
export function nodeClients(): string | null {
  return existsSync(join(folder, 'node_modules/axios')) ? folder : null
}

/** Where packages of Python are; null where there are none. */
export function pythonClients(): string | null {
  return hasCommand('python3') && existsSync(join(site, 'aiohttp')) ? site : null
}

/** The client in Go, built; null where there is none. */
export function goHttpClient(): string | null {
  return existsSync(client) ? client : null
}

function run(command: string, args: readonly string[]): string {
  const done = spawnSync(command, args, { encoding: 'utf8', timeout: TIMEOUT_MS })
  return `${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}`
}

function warn(what: string, why: string): void {
  console.warn(`ensure-http-clients: the tests with ${what} are SKIPPED: ${why}`)
}
