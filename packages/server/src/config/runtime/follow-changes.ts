import { HeadgateError } from 'headgate'
import { isDocumentStore } from 'headgate/store'
import type { OpenStore, Service } from '../../service/service.ts'
import { steadyClock } from '../../service/steady-clock.ts'
import type { Config } from '../config.ts'
import { Overlay, type OverlayTarget } from './overlay.ts'
import { poll } from './poll.ts'
import { RuntimeChanges } from './runtime-changes.ts'

/** A service whose policies may be changed while it runs, and who learns of it where that is not known. */
export interface FollowChangesOptions {
  readonly service: Service
  /** Puts in force what comes of the file and of changes. */
  readonly target: OverlayTarget
  readonly config: Config
  readonly store: OpenStore
  /** The store begins not to tell what was changed. `version`: that in force. */
  readonly onAway: (error: HeadgateError, version: string) => void
  /** It tells again. */
  readonly onBack: (version: string) => void
}

/** Changes at run time, followed until `close`. */
export interface FollowedChanges {
  readonly changes: RuntimeChanges
  /** Takes what the file says. */
  readonly overlay: Overlay
  readonly close: () => void
}

/** Puts in force what was changed at run time before, where the store tells it in time, and follows what others change. */
export async function followChanges(options: FollowChangesOptions): Promise<FollowedChanges> {
  const { service, target, config, store, onAway, onBack } = options
  if (!isDocumentStore(store.store)) throw new HeadgateError('internal', 'the store keeps no documents')
  const overlay = new Overlay(config, target)
  const changes = new RuntimeChanges({ store: store.store, overlay, service, file: config.file })
  const onFailing = (reason: unknown): void => onAway(HeadgateError.from(reason), changes.version)
  const isFailing = await changes.refresh().then(
    () => false,
    (reason: unknown) => {
      onFailing(reason)
      return true
    },
  )
  const close = poll({
    clock: steadyClock,
    run: () => changes.refresh(),
    isFailing,
    onFailing,
    onWorking: () => onBack(changes.version),
  })
  return { changes, overlay, close }
}
