import { type FSWatcher, statSync, watch as watchByNode } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock } from 'headgate'
import { configSigns, folderSigns } from './file-signs.ts'

/** How often it is looked whether the folder is still the one that is watched, and for what watching does not tell. */
const LOOK_MS = 1000

/** Who is told what. */
export interface WatchOptions {
  readonly clock: Clock
  /**
   * Watches a folder; throws where the system refuses.
   * @default that of Node, which does not keep the process alive
   */
  readonly watch?: (folder: string) => FSWatcher
  /** The file may have changed. Called once at the beginning. */
  readonly onChange: () => void
  /** The folder cannot be watched, and why. Not called again before it could. */
  readonly onUnwatched: (why: string) => void
  /** The folder is watched again. */
  readonly onWatched: () => void
}

/** Watches a configuration, given by the absolute path of its file or folder, until the function returned is called. */
export function watchFile(file: string, options: WatchOptions): () => void {
  const watching = new FileWatch(file, options)
  return () => watching.close()
}

/** The folder that is watched for a configuration: itself, or that of its file. */
export function folderOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path)
}

/**
 * Watches the folder of a file: a file that is replaced, by a rename or by the symbolic links of a ConfigMap, is another
 * one, and whoever watches it hears no more. Once a second it is looked at the file as well: what its links point to may
 * lie in another folder, and a file that is mounted alone is none of its folder's.
 */
class FileWatch {
  readonly #file: string
  readonly #folder: string
  readonly #options: WatchOptions
  #watcher: FSWatcher | null = null
  /** Signs of the folder that is watched. */
  #watched = ''
  #seen: string | null = null
  #isTold = false
  #cancel: () => void = () => {}
  #closed = false

  constructor(file: string, options: WatchOptions) {
    this.#file = file
    this.#folder = folderOf(file)
    this.#options = options
    void this.#look()
  }

  close(): void {
    this.#closed = true
    this.#cancel()
    this.#watcher?.close()
  }

  async #look(): Promise<void> {
    const [folder, file] = await Promise.all([folderSigns(this.#folder), configSigns(this.#file)])
    if (this.#closed) return
    const isOpened = (folder !== this.#watched || this.#watcher === null) && this.#open(folder)
    if (isOpened || file !== this.#seen) this.#options.onChange()
    this.#seen = file
    this.#cancel = this.#options.clock.after(LOOK_MS, () => void this.#look())
  }

  /** Watches the folder that is there now; whether it could. */
  #open(folder: string): boolean {
    this.#watcher?.close()
    this.#watcher = null
    this.#watched = folder
    const why = folder === '' ? 'it is not there' : this.#tryWatch()
    if (why !== null && !this.#isTold) this.#options.onUnwatched(why)
    if (why === null && this.#isTold) this.#options.onWatched()
    this.#isTold = why !== null
    return why === null
  }

  /** Says why it could not. */
  #tryWatch(): string | null {
    try {
      const { watch = watchFolder } = this.#options
      const watcher = watch(this.#folder)
      watcher.on('change', (_, name) => this.#hear(name))
      watcher.on('error', () => this.#forget())
      this.#watcher = watcher
      return null
    } catch (reason) {
      return describe(reason)
    }
  }

  #hear(name: string | Buffer | null): void {
    // The folder itself, most likely: it was removed or moved away, and another may be in its place.
    if (name === basename(this.#folder)) this.#forget()
    this.#options.onChange()
  }

  /** The next look watches again. */
  #forget(): void {
    this.#watcher?.close()
    this.#watcher = null
  }
}

function watchFolder(folder: string): FSWatcher {
  return watchByNode(folder, { persistent: false })
}

function describe(reason: unknown): string {
  const { code } = reason as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EMFILE') return `the system has no watches left (${code})`
  return `the system refuses (${code ?? 'unknown error'})`
}
