import type { ComponentChildren } from 'preact'
import { bytesText, countText } from '../format/numbers.ts'
import { spanText, timeText, tookText } from '../format/times.ts'
import type { Snapshot } from '../live/admin-answers.ts'
import type { PageState } from '../live/page-state.ts'
import { Panel } from './panel.tsx'

const BREAKERS: Readonly<Record<string, string>> = {
  closed: 'closed: every call reaches the store',
  'half-open': 'half-open: one call tries the store',
  open: 'open: no call reaches the store',
}

/** How the store and this instance are. */
export function InstancePanel({
  state,
  snapshot,
}: {
  readonly state: PageState
  readonly snapshot: Snapshot
}) {
  const { health } = state
  const { store, bySource } = snapshot
  const parts = health?.store.parts
  return (
    <Panel title="Store and instance">
      <dl class="pairs">
        <Pair name="Store">
          {snapshot.storeAvailable
            ? 'answers'
            : `away, ${countText(store.consecutiveFailures)} calls failed in a row`}
        </Pair>
        <Pair name="Breaker">{BREAKERS[store.breaker] ?? store.breaker}</Pair>
        {health?.store.answeredAt != null && (
          <Pair name="Last answer">{timeText(health.store.answeredAt, snapshot.at)}</Pair>
        )}
        {health?.store.lastError != null && (
          <Pair name="Last error">
            {timeText(health.store.lastError.at, snapshot.at)}: {health.store.lastError.message}
          </Pair>
        )}
        {parts !== undefined && parts.total > 1 && (
          <Pair name="Parts">
            {parts.unavailable === 0
              ? `all ${parts.total} answer`
              : `${parts.unavailable} of ${parts.total} away`}
          </Pair>
        )}
        <Pair name="Replicas">
          {store.replicas === 1
            ? '1, this instance alone'
            : `${countText(store.replicas)}, which share the limits while the store is away`}
        </Pair>
        {bySource !== null && (
          <Pair name="Leases">{countText(bySource['lease'] ?? 0)} decisions spared the store</Pair>
        )}
        <Pair name="Overloads">
          {countText(store.overloads)} decisions without the store, as this process was late
        </Pair>
        {health !== null && (
          <>
            <Pair name="Event loop">
              late by {tookText(health.eventLoop.p99Ms)} (p99), {tookText(health.eventLoop.maxMs)} at most
            </Pair>
            <Pair name="Memory">{bytesText(health.memory.rssBytes)}</Pair>
          </>
        )}
        {health?.certificate != null && (
          <Pair name="Certificate">
            good for {spanText(Math.max(0, health.certificate.notAfterMs - snapshot.at))} more
          </Pair>
        )}
      </dl>
    </Panel>
  )
}

/** A figure with its name. */
function Pair({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
