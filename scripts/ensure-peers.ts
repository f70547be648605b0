/** Makes sure that the benchmark of wires has who asks, and servers of others to stand beside. What cannot be had it names. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { folderApart } from './install-apart.ts'
import { installCommands } from './install-commands.ts'
import { hasCommand } from './redis-installers.ts'

/** Servers of others, with what builds them, and the year of their version. */
export const PEERS = {
  tonic: { tool: 'cargo', version: '0.14.9', year: 2026 },
  'grpc-go': { tool: 'go', version: '1.85.0', year: 2026 },
  throttlecrab: { tool: 'cargo', version: '0.4.40', year: 2026 },
} as const

export type PeerName = keyof typeof PEERS

/** Crates take minutes. */
const BUILD_TIMEOUT_MS = 900_000

const sources = resolve(import.meta.dirname, '../bench/peers')
const folder = folderApart('headgate-peers')
const crab = join(folder, `throttlecrab-${PEERS.throttlecrab.version}`)
/** `cargo` says what it builds into. */
const tonic = join(folder, 'tonic')

/** Programs of the package `tonic`; the client is in a test, where it only counts how long its build takes. */
const tonicProfiles = { echo: 'release', client: 'dev' } as const

const paths = {
  tonic: tonicProgram('echo'),
  'grpc-go': join(folder, 'grpc-go'),
  throttlecrab: join(crab, 'bin/throttlecrab-server'),
} as const

if (import.meta.main) {
  ensureLoad()
  ensurePeers(Object.keys(PEERS) as PeerName[])
}

/** Installs what asks. */
export function ensureLoad(): void {
  installCommands({ commands: ['h2load'], packages: ['nghttp2-client'], tests: 'the cases with h2load' })
}

/** Builds those that are not there yet. */
export function ensurePeers(names: readonly PeerName[]): void {
  mkdirSync(folder, { recursive: true })
  for (const name of names) {
    const { tool } = PEERS[name]
    if (!hasCommand(tool)) continue
    const said = build(name)
    if (peerProgram(name) === null) console.warn(`ensure-peers: ${name} is left out: ${said}`)
  }
}

/** The path of a peer; null where it could not be built. */
export function peerProgram(name: PeerName): string | null {
  return existsSync(paths[name]) ? paths[name] : null
}

/** Why there is no such program. */
export function lackOf(name: PeerName): string {
  const { tool } = PEERS[name]
  return hasCommand(tool) ? `${tool} did not build it` : `no ${tool}`
}

export type TonicProgram = keyof typeof tonicProfiles

/** Builds a program of the package `tonic`; returns what was said. What is built already is not built again. */
export function buildTonic(name: TonicProgram): string {
  const how = ['--bin', name, '--profile', tonicProfiles[name], '--quiet', '--target-dir', tonic]
  return run('cargo', ['build', ...how], join(sources, 'tonic'))
}

/** Where a program of the package `tonic` is once it is built. */
export function tonicProgram(name: TonicProgram): string {
  return join(tonic, tonicProfiles[name] === 'dev' ? 'debug' : 'release', name)
}

function build(name: PeerName): string {
  switch (name) {
    case 'tonic':
      return buildTonic('echo')
    case 'grpc-go':
      return run('go', ['build', '-o', paths['grpc-go'], '.'], join(sources, 'grpc-go'))
    case 'throttlecrab':
      return peerProgram(name) === null ? installThrottlecrab() : ''
  }
}

function installThrottlecrab(): string {
  installCommands({
    commands: ['protoc'],
    packages: ['protobuf-compiler'],
    tests: 'the cases of throttlecrab',
  })
  const { version } = PEERS.throttlecrab
  console.error(`building throttlecrab ${version}, which takes minutes`)
  const wanted = ['throttlecrab-server', '--version', version, '--locked']
  return run('cargo', ['install', '--quiet', ...wanted, '--root', crab], folder)
}

function run(command: string, args: readonly string[], cwd: string): string {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: BUILD_TIMEOUT_MS })
  return `${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}`
}
