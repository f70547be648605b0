import type { Clock } from 'headgate'
import { configSigns } from '../file-signs.ts'
import { Settle } from '../settle.ts'
import { filesOfTls, type TlsFiles } from './tls-files.ts'

/** How often files are looked at: what their links lead to can lie anywhere, so that no folder would tell. */
const LOOK_MS = 1000

/** Who is told. */
export interface FollowTlsOptions {
  readonly clock: Clock
  /** A file has changed, and all stand still. */
  readonly onSettled: () => void
}

/** Tells when the files of TLS are to be read again, until the function returned is called. */
export function followTls(files: TlsFiles, { clock, onSettled }: FollowTlsOptions): () => void {
  const paths = filesOfTls(files)
  const look = async (): Promise<string> => (await Promise.all(paths.map(configSigns))).join('\n')
  const settle = new Settle({ clock, look, onSettled })
  let seen: string | null = null
  let closed = false
  let cancel = (): void => {}
  const lookAgain = async (): Promise<void> => {
    const now = await look()
    if (closed) return
    // The first look may come after a change: files are read once more.
    if (now !== seen) settle.touch()
    seen = now
    cancel = clock.after(LOOK_MS, () => void lookAgain())
  }
  void lookAgain()
  return () => {
    closed = true
    cancel()
    settle.close()
  }
}
