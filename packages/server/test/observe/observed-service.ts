/** A service over memory that is observed, on a clock and with a second hand that tests move. */
import { memoryStore } from 'headgate'
import { type ManualClock, manualClock } from 'headgate/testing'
import { parseConfig } from '../../src/config/config.ts'
import { Overlay } from '../../src/config/runtime/overlay.ts'
import { RuntimeChanges } from '../../src/config/runtime/runtime-changes.ts'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import type { Configuration } from '../../src/service/configuration.ts'
import { createService } from '../../src/service/create-service.ts'
import { createObserver, type Observer } from '../../src/service/observe/observer.ts'
import type { Service } from '../../src/service/service.ts'

export interface ObservedService extends AsyncDisposable {
  readonly service: Service
  readonly observer: Observer
  readonly changes: RuntimeChanges
  readonly clock: ManualClock
  /** A second passes. */
  second(): void
  /** How many watch. */
  watching(): number
  /** The service as the holder of a token. */
  as(name: string): Service
  tokenOf(name: string): string
  /** Consumes, and answers the id of a denial. */
  consume(who: Record<string, string>, cost?: number): Promise<string | null>
  /** Puts another file in force. */
  apply(file: string): void
}

/** Tokens by the names that a file gives them: `hash: TOKEN(name)`. */
function withTokens(file: string): { readonly text: string; readonly tokens: Map<string, string> } {
  const tokens = new Map<string, string>()
  const text = file.replaceAll(/TOKEN\((\w+)\)/g, (_, name: string) => {
    const token = tokens.get(name) ?? newToken()
    tokens.set(name, token)
    return tokenHash(token)
  })
  return { text, tokens }
}

export function observed(
  file: string,
  more: Pick<Configuration, 'hashKeys'> = {},
  random: () => number = Math.random,
): ObservedService {
  const clock = manualClock()
  const { text, tokens } = withTokens(file)
  const config = parseConfig(text, 'headgate.yaml')
  const store = memoryStore({ clock })
  const service = createService({
    configuration: { ...config, ...more },
    store: { store, label: 'memory', resilience: {}, ping: async () => {} },
  })
  let tick = (): void => {}
  let now = 1_700_000_000_000
  const observer = createObserver(service, {
    now: () => now,
    random,
    everySecond: (each) => {
      tick = each
      return () => (tick = () => {})
    },
  })
  const overlay = new Overlay(config, service)
  const changes = new RuntimeChanges({ store, overlay, service, file: 'headgate.yaml' })
  return {
    service,
    observer,
    changes,
    clock,
    second: () => {
      now += 1000
      tick()
    },
    tokenOf: (name) => tokens.get(name) as string,
    watching: () => observer.watching,
    as: (name) => service.callerOf(tokens.get(name)),
    consume: async (who, cost = 1) => {
      const { ids } = await service.decide([{ who, cost }], { transport: 'http' })
      return ids[0] ?? null
    },
    apply: (next) => service.apply(parseConfig(next, 'headgate.yaml')),
    [Symbol.asyncDispose]: async () => {
      observer.close()
      await service.close()
    },
  }
}
