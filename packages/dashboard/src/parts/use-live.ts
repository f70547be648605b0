import { useEffect, useState } from 'preact/hooks'
import type { LivePage } from '../live/live-page.ts'
import type { PageState } from '../live/page-state.ts'

/** The state of the page as it is to be shown. */
export function useLive(live: LivePage): PageState {
  const [state, show] = useState(live.state)
  useEffect(() => live.subscribe(show), [live])
  return state
}
