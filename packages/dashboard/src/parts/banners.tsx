import { warningsOf } from '../format/warnings.ts'
import type { PageState } from '../live/page-state.ts'

/** What is wrong right now. Titles are announced as they come; the rest changes each second and is not. */
export function Banners({ state, onRetry }: { readonly state: PageState; readonly onRetry: () => void }) {
  const warnings = warningsOf(state)
  return (
    <section aria-label="Warnings" class="banners">
      <p class="unseen" role="status">
        {warnings.map(({ title }) => title).join('. ')}
      </p>
      {warnings.map(({ id, tone, title, text }) => (
        <div key={id} class={`banner ${tone}`} data-warning={id}>
          <span class="banner-sign" aria-hidden="true">
            {tone === 'bad' ? '!' : 'i'}
          </span>
          <p>
            <strong>{title}.</strong> {text}
          </p>
          {id === 'connection' && (
            <button type="button" class="small" onClick={onRetry}>
              Try now
            </button>
          )}
        </div>
      ))}
    </section>
  )
}
