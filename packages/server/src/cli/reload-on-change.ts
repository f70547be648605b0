import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { followFile } from '../config/follow-file.ts'
import { Reloader, type ReloaderOptions } from '../config/reloader.ts'
import { folderOf } from '../config/watch-file.ts'
import type { Service } from '../service/service.ts'
import { steadyClock } from '../service/steady-clock.ts'

/** What a service was started with. */
export interface ReloadOptions extends ReloaderOptions {
  readonly log: Logger
  readonly service: Pick<Service, 'policies'>
}

/** Reads the configuration file again when it changes, and at SIGHUP; returns what ends that. */
export function reloadOnChange(options: ReloadOptions): () => void {
  const { log, service, config } = options
  const stats = statSync(config.file)
  // What can be read only once, such as a pipe.
  if (!stats.isFile() && !stats.isDirectory()) return () => {}
  const reloader = new Reloader(options)
  const reload = async (): Promise<void> => {
    await reloader.reload()
    const { hash, rejected } = service.policies()
    log.info({ signal: 'SIGHUP', hash, rejected }, 'read the configuration again')
  }
  const onSignal = (): void => void reload()
  process.on('SIGHUP', onSignal)
  const unfollow = follow({ log, file: resolve(config.file), reloader })
  return () => {
    unfollow()
    reloader.close()
    process.off('SIGHUP', onSignal)
  }
}

interface FollowOptions {
  readonly log: Logger
  readonly file: string
  readonly reloader: Reloader
}

function follow({ log, file, reloader }: FollowOptions): () => void {
  const folder = folderOf(file)
  return followFile(file, {
    clock: steadyClock,
    onSettled: () => void reloader.reload(),
    onUnwatched: (why) => {
      log.warn(
        { folder },
        `cannot watch ${folder}: ${why}; its file is looked at once a second and read at SIGHUP`,
      )
    },
    onWatched: () => log.info({ folder }, `watching ${folder} again`),
  })
}
