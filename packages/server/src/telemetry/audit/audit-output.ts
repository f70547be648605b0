import type { AuditSettings } from '../../service/configuration.ts'
import { FileOutput } from '../log/file-output.ts'
import type { LineOutput } from '../log/line-output.ts'

/** Where lines go that go to no file, and who hears of those that are lost. */
export interface AuditOutputOptions {
  /** Standard output. */
  readonly standard: LineOutput
  /** Hears of each line that could not be written, and why: a code such as `ENOENT`. */
  readonly onLost: (file: string, why: string) => void
  /** Hears, once the file can be written again, how many lines were lost, and why. */
  readonly onRestored: (lost: number, why: string) => void
  /**
   * A clock in milliseconds, which need not tell the time of day.
   * @default that of the process
   */
  readonly now?: () => number
}

/** Writes lines of JSON to where the configuration says, which may change. */
export class AuditOutput {
  readonly #options: AuditOutputOptions
  #path: string | null = null
  #file: FileOutput | null = null
  /** By files that were written before. */
  #lostBefore = 0

  constructor(options: AuditOutputOptions) {
    this.#options = options
  }

  get lost(): number {
    return this.#lostBefore + (this.#file?.lost ?? 0)
  }

  /** Writes a line, with its end; nothing where there are no settings. */
  write(settings: AuditSettings | undefined, line: string): void {
    if (settings === undefined) return
    if (settings.file === null) this.#options.standard.write(line)
    else this.#writeFile(settings.file, line)
  }

  reopen(): void {
    this.#file?.reopen()
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }

  #writeFile(path: string, line: string): void {
    const file = this.#path === path && this.#file !== null ? this.#file : this.#open(path)
    const { lost } = file
    file.write(line)
    if (file.lost > lost) this.#options.onLost(path, file.why)
  }

  #open(path: string): FileOutput {
    this.#lostBefore = this.lost
    this.#file?.reopen()
    this.#path = path
    this.#file = new FileOutput(path, this.#options.onRestored)
    return this.#file
  }
}
