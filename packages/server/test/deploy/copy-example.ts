/** Copies of examples, whose files name the ports of a test. */
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../../../limiter/test/docs/documents.ts'
import { freePort } from '../gateways/gateway.ts'

/** What the examples say for the app, the gateway, and HTTP and gRPC of the service. */
const PORTS = [3000, 8000, 8080, 8081] as const
export type Port = (typeof PORTS)[number]

/** What stands in place of each port. */
export type PortMap = ReadonlyMap<Port, number>

/** Changes the text of a file. */
export type Change = (text: string, file: string) => string

/** Free ports, and that of an app where one runs already. */
export async function portsFor(app?: number): Promise<PortMap> {
  const ports = new Map<Port, number>()
  for (const port of PORTS) ports.set(port, await freePort())
  if (app !== undefined) ports.set(3000, app)
  return ports
}

export interface CopyOptions {
  readonly change?: Change | undefined
  /** Texts that are put beside those of the example. */
  readonly files?: Readonly<Record<string, string>> | undefined
}

/** Copies the folder of an example, all of whose files are texts; answers with the path of the copy. */
export function copyExample(name: string, ports: PortMap, options: CopyOptions): string {
  const { change = (text) => text, files = {} } = options
  const folder = mkdtempSync(join(tmpdir(), `headgate-${name}-`))
  cpSync(join(root, 'examples', name), folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  for (const file of globSync('**/*', { cwd: folder })) {
    const path = join(folder, file)
    if (!statSync(path).isFile()) continue
    writeFileSync(path, withPorts(patient(change(readFileSync(path, 'utf8'), file)), ports))
  }
  return folder
}

function withPorts(text: string, ports: PortMap): string {
  const known = new RegExp(`\\b(${PORTS.join('|')})\\b`, 'g')
  return text.replaceAll(known, (port) => String(ports.get(Number(port) as Port)))
}

/** A busy machine is no service that is away. */
function patient(text: string): string {
  return text
    .replaceAll(/\btimeout: [\d.]+s/g, 'timeout: 30s')
    .replace(/TIMEOUT_MS = \d+/, 'TIMEOUT_MS = 30000')
}
