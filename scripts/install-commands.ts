/** Programs that suites need beside Node, from the system's package manager. */
import { spawnSync } from 'node:child_process'
import { hasCommand, installersOf } from './redis-installers.ts'

const INSTALL_TIMEOUT_MS = 300_000

/** What is wanted, and what is left out without it. */
export interface WantedCommands {
  readonly commands: readonly string[]
  /** The packages that have them, where these are called otherwise. */
  readonly packages?: readonly string[]
  /**
   * Whether a command, or whatever stands for one, is there.
   * @default on PATH
   */
  readonly isThere?: (name: string) => boolean
  /** As in "the tests of alert rules". */
  readonly tests: string
}

/** Installs the commands that are missing. Where they cannot be installed it says so, and those tests are skipped. */
export function installCommands({ commands, packages, isThere = hasCommand, tests }: WantedCommands): void {
  const missing = commands.filter((name) => !isThere(name))
  if (missing.length === 0) return
  const warn = (why: string): void =>
    console.warn(`${tests} are SKIPPED without ${missing.join(' and ')}: ${why}`)
  const installer = installersOf((packages ?? missing).join(' ')).find(({ name }) => hasCommand(name))
  if (installer === undefined) {
    warn('there is no package manager to install them with')
    return
  }
  console.error(`${missing.join(' and ')} not found: installing with ${installer.name}`)
  const sudo = installer.needsRoot && process.getuid?.() !== 0 ? ['sudo', '-n'] : []
  const [command = 'sh', ...args] = [...sudo, 'sh', '-c', installer.script]
  const run = spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_TIMEOUT_MS })
  if (!missing.every(isThere)) warn(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}`)
}
