import type { ComponentChildren } from 'preact'
import { clockText, spanText } from '../format/times.ts'
import type { Connection, PageState } from '../live/page-state.ts'

interface TopBarProps {
  readonly state: PageState
  readonly hasToken: boolean
  readonly onForget: () => void
}

/** Whose page this is, and how fresh it is. */
export function TopBar({ state, hasToken, onForget }: TopBarProps) {
  const { connection, snapshot, health } = state
  const version = snapshot?.version ?? health?.version
  return (
    <header class="top-bar">
      <h1>
        Headgate <span class="quiet">{location.host}</span>
      </h1>
      <dl class="facts">
        {version !== undefined && <Fact name="Version">{version}</Fact>}
        {snapshot !== null && <Fact name="Up for">{spanText(snapshot.at - snapshot.since)}</Fact>}
        {snapshot !== null && (
          <Fact name="Configuration">
            <code>{snapshot.hash}</code>
          </Fact>
        )}
      </dl>
      <p class={`connection ${connection.status}`}>
        <span class="dot" aria-hidden="true" />
        {connectionText(connection)}
        {snapshot !== null && <time> {clockText(snapshot.at)}</time>}
      </p>
      {snapshot !== null && <a href="#search-policy">Look at a key</a>}
      {hasToken && (
        <button type="button" class="small" onClick={onForget}>
          Forget token
        </button>
      )}
    </header>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function connectionText({ status }: Connection): string {
  switch (status) {
    case 'live':
      return 'Live'
    case 'lost':
      return 'Connection lost'
    case 'refused':
      return 'Token wanted'
    case 'connecting':
      return 'Connecting'
  }
}
