/** What the product says of itself, to which files of deployments have to keep. */
import { HeadgateProcess } from '../e2e/headgate-process.ts'

/** The ports on which `serve` listens unless told otherwise, by what speaks there. */
export async function defaultPorts(): Promise<Record<'http' | 'grpc' | 'resp' | 'admin', number>> {
  const help = await helpOf('serve')
  const portOf = (option: string): number => Number(defaultOf(help, `${option} <port>`, '\\d+'))
  return {
    http: portOf('port'),
    grpc: portOf('grpc-port'),
    resp: portOf('resp-port'),
    admin: portOf('admin-port'),
  }
}

/** How long an end takes at most unless told otherwise, in seconds: `--shutdown-delay` and `--drain-timeout`. */
export async function longestEndSeconds(): Promise<number> {
  const help = await helpOf('serve')
  const secondsOf = (option: string): number =>
    Number.parseInt(defaultOf(help, `${option} <time>`, '\\d+s'), 10)
  return secondsOf('shutdown-delay') + secondsOf('drain-timeout')
}

/** How many connections a listener takes at once unless told otherwise. */
export async function mostConnections(): Promise<number> {
  return Number(defaultOf(await helpOf('serve'), 'max-connections <number>', '\\d+'))
}

/** What `--help` says of a command. */
async function helpOf(command: string): Promise<string> {
  return (await HeadgateProcess.run([command, '--help'])).stdout.replaceAll(/\s+/g, ' ')
}

/** `option` with its argument, as in `port <port>`. */
function defaultOf(help: string, option: string, value: string): string {
  const [, found] = new RegExp(`--${option} (?:(?! --).)*\\(default: "?(${value})"?\\)`).exec(help) ?? []
  if (found === undefined) throw new Error(`--help has no default of --${option}`)
  return found
}
