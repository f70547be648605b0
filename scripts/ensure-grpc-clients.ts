/** Makes sure that the long tests have clients of gRPC in Python, Go and Rust. What cannot be installed it names, and its tests are skipped. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildTonic, ensureLoad, tonicProgram } from './ensure-peers.ts'
import { folderApart } from './install-apart.ts'
import { hasCommand } from './redis-installers.ts'

const VERSION = '1.85.1'
/** The last is a client of reflection. */
const PACKAGES = ['grpcio', 'grpcio-tools', 'grpcio-reflection'].map((name) => `${name}==${VERSION}`)
const PROBE = 'github.com/grpc-ecosystem/grpc-health-probe@v0.4.63'
const EXAMPLE = 'examples/grpc-go'
/** Beside a server, as both need the same modules. */
const GO_PEER = 'bench/peers/grpc-go'
/** What its modules need. */
const GO_MINOR_MIN = 24
const INSTALL_TIMEOUT_MS = 300_000

const folder = folderApart(`headgate-grpc-clients/${VERSION}`)
const site = join(folder, 'python')
const probe = join(folder, 'grpc-health-probe')
const client = join(folder, 'go-client')
const caller = join(folder, 'go-caller')
const tonic = tonicProgram('client')

if (import.meta.main) ensureGrpcClients()

/** Installs and builds what is missing. */
export function ensureGrpcClients(): void {
  mkdirSync(folder, { recursive: true })
  ensureLoad()
  ensureTonic()
  if (pythonSite() === null) {
    const said = run('python3', ['-m', 'pip', 'install', '--quiet', '--target', site, ...PACKAGES])
    if (pythonSite() === null) warn('Python', said)
  }
  if (!hasGo()) {
    warn('Go', `there is no go of version 1.${GO_MINOR_MIN} or newer`)
    return
  }
  const env = { GOBIN: folder, GOFLAGS: '-mod=readonly' }
  if (healthProbe() === null) {
    const said = run('go', ['install', PROBE], { env: { GOBIN: folder } })
    if (healthProbe() === null) warn('grpc-health-probe', said)
  }
  // Built each time: what is cached is not built again.
  const said = run('go', ['build', '-o', client, '.'], { cwd: EXAMPLE, env })
  if (goClient() === null) warn('Go', said)
  const told = run('go', ['build', '-o', caller, './client'], { cwd: GO_PEER, env })
  if (goCaller() === null) warn('grpc-go', told)
}

function ensureTonic(): void {
  if (!hasCommand('cargo')) {
    warn('tonic', 'there is no cargo')
    return
  }
  const said = buildTonic('client')
  if (tonicClient() === null) warn('tonic', said)
}

/** Where packages of Python are; null where there are none. */
export function pythonSite(): string | null {
  return hasCommand('python3') && existsSync(join(site, 'grpc_tools')) ? site : null
}

/** The program `grpc-health-probe`; null where there is none. */
export function healthProbe(): string | null {
  return existsSync(probe) ? probe : null
}

/** The client in Go that asks many times at once, built; null where there is none. */
export function goCaller(): string | null {
  return existsSync(caller) ? caller : null
}

/** The client of tonic, built; null where there is none. */
export function tonicClient(): string | null {
  return existsSync(tonic) ? tonic : null
}

/** The client in Go of the example, built; null where there is none. */
export function goClient(): string | null {
  return existsSync(client) ? client : null
}

function hasGo(): boolean {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' })
  const [, minor = '0'] = /go1\.(\d+)/.exec(stdout ?? '') ?? []
  return Number(minor) >= GO_MINOR_MIN
}

interface Place {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

function run(command: string, args: readonly string[], { cwd, env }: Place = {}): string {
  const options = { encoding: 'utf8', timeout: INSTALL_TIMEOUT_MS } as const
  const done = spawnSync(command, args, { ...options, ...(cwd && { cwd }), env: { ...process.env, ...env } })
  return `${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}`
}

function warn(what: string, why: string): void {
  console.warn(`ensure-grpc-clients: the tests with ${what} are SKIPPED: ${why}`)
}
