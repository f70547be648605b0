import type { RefObject } from 'preact'
import type { AdminClient } from '../live/admin-client.ts'
import type { PageState } from '../live/page-state.ts'
import { KeySearch } from './key-search.tsx'
import { KeyView } from './key-view.tsx'
import type { Looking } from './looking.ts'
import { Panel } from './panel.tsx'

interface KeyPanelProps {
  readonly section: RefObject<HTMLElement | null>
  readonly state: PageState
  readonly client: AdminClient
  readonly looking: Looking | null
  /** Why a key of a list cannot be looked at. */
  readonly problem: string | null
  readonly onLook: (looking: Looking | null) => void
}

/** Finds one key, shows how it stands, and what can be done about it. */
export function KeyPanel({ section, state, client, looking, problem, onLook }: KeyPanelProps) {
  const { policies } = state
  return (
    <Panel title="Look at a key" class="key-panel" section={section}>
      <KeySearch policies={[...policies.values()]} onLook={onLook} />
      <p class="problem" role="alert">
        {problem}
      </p>
      {looking !== null && (
        <KeyView
          key={JSON.stringify(looking.reach)}
          name={looking.name}
          reach={looking.reach}
          state={state}
          client={client}
          onClose={() => onLook(null)}
        />
      )}
    </Panel>
  )
}
