import { configSigns } from './file-signs.ts'
import { Settle } from './settle.ts'
import { type WatchOptions, watchFile } from './watch-file.ts'

/** Who is told what. */
export interface FollowOptions extends Omit<WatchOptions, 'onChange'> {
  /** The file may have changed, and stands still. Called once at the beginning. */
  readonly onSettled: () => void
}

/** Tells when a configuration, given by the absolute path of its file or folder, is to be read again, until the function returned is called. */
export function followFile(file: string, { onSettled, ...options }: FollowOptions): () => void {
  const settle = new Settle({ clock: options.clock, look: () => configSigns(file), onSettled })
  const unwatch = watchFile(file, { ...options, onChange: () => settle.touch() })
  return () => {
    unwatch()
    settle.close()
  }
}
