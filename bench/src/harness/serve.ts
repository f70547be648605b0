import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type HttpServer, startServer } from './http-server.ts'

/** A port of the service, and those that stay closed, so that several services can run side by side. */
const WIRES = { grpc: ['--grpc-port', '--resp-port'], resp: ['--resp-port', '--grpc-port'] } as const
/** Nobody is denied, and no key recovers: every request changes state. */
export const NEVER_DENIED = 'policies: [{ name: api, key: user, rules: [1000000/52w] }]\n'

/** Starts the service on one wire alone, with a configuration. */
export async function serve(wire: keyof typeof WIRES, text: string): Promise<HttpServer> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
  const config = join(folder, 'headgate.yaml')
  writeFileSync(config, text)
  try {
    const [own, other] = WIRES[wire]
    const ports = [own, '0', other, 'off', '--port', 'off', '--admin-port', 'off']
    return await startServer(appOf('headgate-serve'), ['serve', '--config', config, ...ports])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The script of a server that is measured. */
export function appOf(name: string): string {
  return fileURLToPath(new URL(`../apps/${name}.ts`, import.meta.url))
}
