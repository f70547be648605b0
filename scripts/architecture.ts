/** The direction of imports: which room of the house may import which, as one table; and no file imports itself on a way around. */
import { posix } from 'node:path'
import { type Import, importsOf } from './imports-of.ts'

/**
 * Room → the rooms it may import. A room is a folder (or a file, without its suffix) of `src`; the longest match
 * wins, and a file that lies in no room is an error. `node` is Node's own modules, `npm` any package of npm;
 * `headgate` is the library by a published subpath, `headgate/http` and `headgate/errors` by these, `headgate (types)` its types alone.
 * Rooms without `node` run in Workers as well, and so do entries that reach no room with it.
 */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  'limiter/core': [],
  'limiter/policies': ['limiter/core'],
  // A guard has a breaker for each part of a split store.
  'limiter/resilience': ['limiter/stores/split', 'limiter/core'],
  // What all stores in this process decide by.
  'limiter/stores/local': ['limiter/core'],
  'limiter/stores/memory': ['limiter/stores/local', 'limiter/core'],
  'limiter/stores/shared-memory': ['limiter/stores/local', 'limiter/core'],
  'limiter/stores/split': ['limiter/core'],
  'limiter/stores/redis': ['limiter/stores/split', 'limiter/core', 'node', 'npm'],
  'limiter/http': ['limiter/core'],
  'limiter/client': ['limiter/core'],
  'limiter/client/node-transport': ['limiter/client', 'limiter/core', 'node'],
  // The client of the service over gRPC; messages are copies of those of the server, see decision 0048.
  'limiter/grpc': ['limiter/client', 'limiter/gen', 'limiter/core', 'node', 'npm'],
  'limiter/gen': ['node'],
  'limiter/script': ['limiter/core'],
  'limiter/testing/adapter-contract': [
    ...wiring(),
    'limiter/http',
    'limiter/middleware',
    'limiter/testing',
    'node',
  ],
  // What a response tells of limits is read as clients read it.
  'limiter/testing': ['limiter/http', 'limiter/core', 'node'],
  'limiter/limiter': wiring(),
  'limiter/create-limiter': wiring(),
  // What every adapter runs for a request; without a framework, and without Node.
  'limiter/middleware': [...wiring(), 'limiter/http', 'limiter/script'],
  'limiter/adapters': ['limiter/middleware', 'limiter/http', 'limiter/core', 'node', 'npm'],
  // Shaped like other packages; over the same engine.
  'limiter/compat': [
    'limiter/stores/redis',
    'limiter/stores/memory',
    'limiter/resilience',
    'limiter/create-limiter',
    'limiter/http',
    'limiter/core',
    'node',
    'npm',
  ],
  // What `headgate/<file>` exports.
  'limiter/entries': [
    ...wiring(),
    'limiter/adapters',
    'limiter/middleware',
    'limiter/client',
    'limiter/compat',
    'limiter/client/node-transport',
    'limiter/grpc',
    'limiter/http',
    'limiter/script',
    'limiter/stores/redis',
    'limiter/stores/shared-memory',
    'limiter/stores/split',
    'limiter/testing',
    'limiter/testing/adapter-contract',
  ],
  'server/cli': [
    'server/cli/doctor/redis',
    'server/transports',
    'server/listener',
    'server/proxy',
    'server/replay',
    'server/service',
    'server/config',
    'server/telemetry',
    'server/threads',
    ...outside(),
  ],
  // It looks at servers of stores as the library connects to them.
  'server/cli/doctor/redis': ['server/config', 'headgate', ...outside()],
  'server/transports': [
    'server/http2',
    'server/listener',
    'server/service',
    'server/gen',
    'server/protobuf',
    'headgate/errors',
    'headgate/http',
    ...outside(),
  ],
  'server/proxy': ['server/listener', 'server/service', 'headgate/errors', 'headgate/http', ...outside()],
  // How servers of every kind listen.
  'server/listener': ['server/service', 'headgate/http', ...outside()],
  'server/telemetry': ['server/service', ...outside()],
  // How several threads are one service, whatever they listen on.
  'server/threads': ['server/telemetry', 'server/service', 'headgate', ...outside()],
  'server/service': ['headgate', ...outside()],
  // It plays logs against configurations, without a service.
  'server/replay': ['server/service', 'server/config', 'headgate', ...outside()],
  // It reads what the service is to have in force.
  'server/config': ['server/service', 'headgate', ...outside()],
  // A protocol, and nothing of limits.
  'server/http2': ['node'],
  'server/gen': ['server/protobuf'],
  // What the page of the dashboard knows and how it learns that; what it says in words; what it shows. In a browser: without Node.
  'dashboard/live': [],
  'dashboard/format': ['dashboard/live', 'headgate'],
  'dashboard/parts': ['dashboard/format', 'dashboard/live', 'npm'],
  'dashboard/main': ['dashboard/parts', 'dashboard/live', 'npm'],
  'server/protobuf': ['node'],
}

const published = [
  'headgate',
  'headgate/client',
  'headgate/compat/express-rate-limit',
  'headgate/compat/rate-limiter-flexible',
  'headgate/custom',
  'headgate/errors',
  'headgate/express',
  'headgate/fastify',
  'headgate/fetch',
  'headgate/fetch-client',
  'headgate/grpc',
  'headgate/hono',
  'headgate/http',
  'headgate/koa',
  'headgate/middleware',
  'headgate/nest',
  'headgate/next',
  'headgate/node',
  'headgate/policies',
  'headgate/redis',
  'headgate/resilience',
  'headgate/script',
  'headgate/shared-memory',
  'headgate/store',
  'headgate/testing',
  'headgate/trpc',
]
/** What may be imported by those who translate and decide nothing. */
const translating = ['headgate/errors', 'headgate/http']
/** What tests may import as well; the file is in no room, as it is made of fast-check and published with nothing. */
const ofTests = ['limiter/testing', 'node', 'no room (packages/limiter/test/any-character.ts)']
const testTools = ['vitest', 'fast-check', 'headgate/testing']

/** Says, one sentence each, which imports of a source file of `packages/<name>/src` the table does not allow. */
export function forbiddenImports(path: string, source: string): string[] {
  const room = roomOf(path)
  if (!room) return [`${path} lies in no room: put it in one, or add its room to scripts/architecture.ts`]
  return importsOf(path, source).flatMap((one) => {
    const target = targetOf(path, one)
    if (target === room || isAllowed(room, target)) return []
    if (isTest(path) && (ofTests.includes(target) || testTools.includes(one.specifier))) return []
    return [`${path} imports '${one.specifier}': the edge ${room} -> ${target} is not allowed`]
  })
}

/** Names rings of files that import each other, types included, as `a -> b -> a`; `sources` are texts by path. */
export function fileCycles(sources: ReadonlyMap<string, string>): string[] {
  const cycles: string[] = []
  const visited = new Set<string>()
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) cycles.push([...way.slice(way.indexOf(path)), path].join(' -> '))
    if (visited.has(path)) return
    visited.add(path)
    for (const { specifier } of importsOf(path, sources.get(path) ?? '')) {
      if (specifier.startsWith('.')) visit(posix.join(posix.dirname(path), specifier), [...way, path])
    }
  }
  for (const path of sources.keys()) visit(path, [])
  return cycles
}

/** Folders whose files share names on purpose: one for each algorithm, one for each part of a transport. */
const SERIES = [/\/(core\/algorithms|testing\/contract)\//, /\/transports\/[^/]+\//]

/** Names files that share a name with another one elsewhere, each as `name: path, path`. An entry is named after its subpath. */
export function twinNames(paths: readonly string[]): string[] {
  const places = new Map<string, Set<string>>()
  for (const path of paths) {
    if (isTest(path) || /\/index\.ts$|\/(entries|gen)\//.test(path)) continue
    const series = SERIES.find((folders) => folders.test(path))
    const name = posix.basename(path)
    places.set(name, (places.get(name) ?? new Set()).add(series?.source ?? path))
  }
  const twins = [...places].filter(([, where]) => where.size > 1)
  return twins.map(([name]) => `${name}: ${paths.filter((path) => posix.basename(path) === name).join(', ')}`)
}

function isAllowed(room: string, target: string): boolean {
  const targets = allowed[room] ?? []
  return targets.includes(target) || (target.startsWith('headgate') && targets.includes('headgate'))
}

function targetOf(path: string, { specifier, typeOnly }: Import): string {
  if (specifier.startsWith('.')) {
    const file = posix.join(posix.dirname(path), specifier)
    return roomOf(file) ?? `no room (${file})`
  }
  if (specifier === '<computed>') return 'a computed path'
  if (specifier.startsWith('node:')) return 'node'
  if (specifier !== 'headgate' && !specifier.startsWith('headgate/')) return 'npm'
  if (!published.includes(specifier)) return 'an unpublished subpath'
  if (specifier === 'headgate/testing' && !isTest(path)) return 'testing helpers'
  if (typeOnly) return 'headgate (types)'
  return translating.includes(specifier) ? specifier : 'headgate'
}

function roomOf(path: string): string | undefined {
  const match = /^packages\/([^/]+)\/src\/(.+?)(?:\.test)?\.[cm]?tsx?$/.exec(path)
  if (!match) return undefined
  const inside = `${match[1]}/${match[2]}`
  const rooms = Object.keys(allowed).filter((room) => inside === room || inside.startsWith(`${room}/`))
  return rooms.sort((a, b) => b.length - a.length)[0]
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts')
}

function wiring(): string[] {
  const rooms = ['core', 'policies', 'resilience', 'stores/memory', 'limiter', 'create-limiter']
  return rooms.map((room) => `limiter/${room}`)
}

function outside(): string[] {
  return ['headgate (types)', 'node', 'npm']
}
