import { memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import type { OpenStore } from '../../src/service/service.ts'

/** A store that answers decisions once its gate is open. */
export interface ManualGate {
  readonly store: Pick<OpenStore, 'store'>
  /** Resolves when a decision waits. */
  readonly isAsked: Promise<void>
  open(): void
}

export function manualGate(): ManualGate {
  const asked = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  const memory = memoryStore({ clock: manualClock() })
  const store = new Proxy(memory, {
    get(target, name) {
      if (String(name).endsWith('Sync') || name === 'decideAtOnce') return undefined
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const call = value.bind(target)
      if (name !== 'decide') return call
      return async (...args: unknown[]) => {
        asked.resolve()
        await opened.promise
        return call(...args)
      }
    },
    has: (target, name) =>
      !String(name).endsWith('Sync') && name !== 'decideAtOnce' && Reflect.has(target, name),
  })
  return { store: { store }, isAsked: asked.promise, open: () => opened.resolve() }
}
