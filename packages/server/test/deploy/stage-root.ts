/**
 * A container without an engine: a layer over the files of this machine, in which the instructions of a Dockerfile are run as they
 * stand there, on the paths that they name. It takes the rights to mount and to change the root, and Linux.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root as repository } from '../../../limiter/test/docs/documents.ts'
import { type DockerStage, execForm, type Instruction, lastOf, pairsOf } from './read-dockerfile.ts'

/** The mounts end with the process that made them. */
const APART = ['--mount', '--pid', '--fork', '--kill-child']
const RUN_TIMEOUT_MS = 540_000
/** That of the images of Node. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Why stages cannot be run here; null where they can. */
export function stageRefusal(): string | null {
  if (process.platform !== 'linux') return 'this is no Linux'
  const run = spawnSync('unshare', [...APART, 'true'], { encoding: 'utf8' })
  return run.status === 0 ? null : `unshare: ${run.stderr || run.error?.message}`
}

/** Make it with `using stage = new StageRoot(dockerStage)`. */
export class StageRoot implements Disposable {
  readonly env: Record<string, string> = {}
  folder = '/'
  readonly #stage: DockerStage
  readonly #upper: string
  readonly #base: string

  constructor(stage: DockerStage) {
    this.#stage = stage
    this.#base = mkdtempSync(join(tmpdir(), 'headgate-stage-'))
    this.#upper = join(this.#base, 'upper')
    for (const name of ['upper', 'work', 'root']) mkdirSync(join(this.#base, name))
    // The base image is named by its Node.
    const node = join(this.#upper, 'usr/local/bin/node')
    mkdirSync(dirname(node), { recursive: true })
    cpSync(process.execPath, node)
  }

  /** A path in the container, as files are here. */
  path(inside: string): string {
    return join(this.#upper, inside)
  }

  /** Carries out the instructions that change files. `sources` are the stages before, and the context for `COPY` without a stage. */
  build(sources: ReadonlyMap<string, StageRoot>, context: readonly string[]): void {
    for (const instruction of this.#stage.instructions) {
      const { name, args } = instruction
      if (name === 'WORKDIR') this.#enterFolder(args)
      else if (name === 'ENV') Object.assign(this.env, pairsOf(args))
      else if (name === 'COPY') this.#copy(instruction, sources, context)
      else if (name === 'RUN') this.#run(args)
    }
  }

  /** Starts what the container would run, as its user, on files that nobody may change, and as process 1. */
  start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
    const [user = ''] = lastOf(this.#stage, 'USER').split(':')
    const drop = `setpriv --reuid=${user} --regid=${user} --clear-groups --no-new-privs --bounding-set=-all`
    const command = [...execForm(lastOf(this.#stage, 'ENTRYPOINT')), ...args]
    const script = `mount -o remount,ro .; exec chroot . ${drop} sh -ec 'cd "$1"; shift; exec "$@"' sh "$@"`
    return spawn('unshare', this.#mounted(script, [this.folder, ...command]), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: SYSTEM_PATH, ...this.env, ...env },
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.#base, { recursive: true, force: true })
  }

  #enterFolder(folder: string): void {
    this.folder = folder
    mkdirSync(this.path(folder), { recursive: true })
  }

  #run(command: string): void {
    const script = `exec chroot . sh -ec 'cd "$1"; eval "$2"' sh "$@"`
    execFileSync('unshare', this.#mounted(script, [this.folder, command]), {
      // What this machine says of registries and certificates is needed; its PATH is not.
      env: { ...process.env, ...this.env, PATH: SYSTEM_PATH },
      timeout: RUN_TIMEOUT_MS,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }

  #copy({ args }: Instruction, sources: ReadonlyMap<string, StageRoot>, context: readonly string[]): void {
    const words = args.split(' ').filter((word) => !word.startsWith('--'))
    const [from = '', to = ''] = words
    const [, stage] = /--from=(\S+)/.exec(args) ?? []
    const options = { recursive: true, verbatimSymlinks: true } as const
    if (stage !== undefined) {
      cpSync(sources.get(stage)?.path(from) ?? '', this.path(to), options)
      return
    }
    const files = from === '.' ? context : context.filter((file) => file === from)
    if (files.length === 0) throw new Error(`.dockerignore leaves out ${from}, which COPY wants`)
    for (const file of files) {
      const target = from === '.' ? join(this.folder, to, file) : to
      cpSync(join(repository, file), this.path(target), options)
    }
  }

  /** Arguments of `unshare` for a script that begins in the root of the container. */
  #mounted(script: string, args: readonly string[]): string[] {
    const layer = `lowerdir=/,upperdir=${this.#upper},workdir=${this.#base}/work`
    const lines = [
      `mount -t overlay headgate -o ${layer} ${this.#base}/root`,
      `cd ${this.#base}/root`,
      'mount -t proc proc proc',
      'mount --rbind /dev dev',
      script,
    ]
    return [...APART, 'sh', '-ec', lines.join('\n'), 'sh', ...args]
  }
}
