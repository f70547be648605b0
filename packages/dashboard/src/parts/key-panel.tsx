import type { RefObject } from 'preact'
import { shownKeyText } from '../format/key-reach.ts'
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
  readonly onLook: (looking: Looking | null) => void
}

/** Finds one key, shows how it stands, and what can be done about it. */
export function KeyPanel({ section, state, client, looking, onLook }: KeyPanelProps) {
  const { policies } = state
  return (
    <Panel title="Look at a key" class="key-panel" section={section}>
      <KeySearch policies={[...policies.values()]} onLook={onLook} />
      {looking !== null && (
        <KeyView
          key={JSON.stringify(looking.reach)}
          name={lookedAtText(looking, policies)}
          reach={looking.reach}
          state={state}
          client={client}
          onClose={() => onLook(null)}
        />
      )}
    </Panel>
  )
}

/** Whom a person looks at, in words. */
function lookedAtText({ reach, shown }: Looking, policies: PageState['policies']): string {
  if (shown !== null) return shownKeyText(shown, policies.get(shown.policy))
  const { attributes = {}, descriptor = [] } = reach
  const values = [...Object.values(attributes), ...descriptor.map(({ value }) => value)]
  return values.length === 0 ? 'everybody' : values.join(' · ')
}
