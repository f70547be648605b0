import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type HttpServer, startServer } from './http-server.ts'

/** The ports of the service by wire: all but one stay closed, so that several services can run side by side. */
const WIRES = { http: '--port', grpc: '--grpc-port', resp: '--resp-port' } as const
/** Nobody is denied, and no key recovers: every request changes state. */
export const NEVER_DENIED = 'policies: [{ name: api, key: user, rules: [1000000/52w] }]\n'

/** The workers of a service, which may use all cores; without them it is as it starts by default, on a core of its own. */
export interface Workers {
  readonly workers?: number | undefined
}

interface ServeOptions extends Workers {
  /** Further ones. */
  readonly args?: readonly string[]
}

/** Starts the service on one wire alone, with a configuration. */
export async function serve(
  wire: keyof typeof WIRES,
  text: string,
  { workers, args: more = [] }: ServeOptions = {},
): Promise<HttpServer> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
  const config = join(folder, 'headgate.yaml')
  writeFileSync(config, text)
  try {
    const ports = Object.entries(WIRES).flatMap(([name, flag]) => [flag, name === wire ? '0' : 'off'])
    const threads = workers === undefined ? [] : ['--workers', String(workers)]
    const args = ['serve', '--config', config, ...ports, '--admin-port', 'off', ...threads, ...more]
    return await startServer(appOf('headgate-serve'), args, { roams: workers !== undefined })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The script of a server that is measured. */
export function appOf(name: string): string {
  return fileURLToPath(new URL(`../apps/${name}.ts`, import.meta.url))
}
