import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { fileSigns } from '../config/file-signs.ts'
import { Reloader } from '../config/reloader.ts'
import { Settle } from '../config/settle.ts'
import { steadyClock } from '../config/steady-clock.ts'
import { watchFile } from '../config/watch-file.ts'
import type { Service } from '../service/service.ts'

/** What a service was started with. */
export interface ReloadOptions {
  readonly log: Logger
  readonly service: Service
  readonly config: Config
  /** As typed. */
  readonly options: { readonly config?: string; readonly store?: string }
}

/** Reads the configuration file again when it changes, and at SIGHUP; returns what ends that. */
export function reloadOnChange({ log, service, config, options }: ReloadOptions): () => void {
  // The sample, or what can be read only once, such as a pipe.
  if (options.config === undefined || !statSync(config.file).isFile()) return () => {}
  const { store } = options
  const reloader = new Reloader({ config, target: service, ...(store !== undefined && { storeUrl: store }) })
  const onSignal = (signal: string): void => {
    log.info({ signal, config: config.file }, 'reading the configuration again')
    void reloader.reload()
  }
  process.on('SIGHUP', onSignal)
  const unwatch = watchSettled({ log, file: resolve(config.file), onSettled: () => void reloader.reload() })
  return () => {
    unwatch()
    process.off('SIGHUP', onSignal)
  }
}

interface WatchSettledOptions {
  readonly log: Logger
  readonly file: string
  readonly onSettled: () => void
}

function watchSettled({ log, file, onSettled }: WatchSettledOptions): () => void {
  const settle = new Settle({ clock: steadyClock, look: () => fileSigns(file), onSettled })
  const folder = dirname(file)
  const unwatch = watchFile(file, {
    clock: steadyClock,
    onChange: () => settle.touch(),
    onUnwatched: (why) => {
      const message = `cannot watch ${folder}: ${why}; the file is looked at once a second, and at SIGHUP`
      log.warn({ folder }, message)
    },
    onWatched: () => log.info({ folder }, `watching ${folder} again`),
  })
  return () => {
    unwatch()
    settle.close()
  }
}
