import type { ComponentChildren, RefObject } from 'preact'
import { useId } from 'preact/hooks'

interface PanelProps {
  readonly title: string
  /** Beside the title. */
  readonly note?: ComponentChildren
  readonly class?: string
  readonly section?: RefObject<HTMLElement | null>
  readonly children: ComponentChildren
}

/** A section of the page with its heading. */
export function Panel({ title, note, class: name = '', section, children }: PanelProps) {
  const id = useId()
  return (
    <section class={`panel ${name}`} aria-labelledby={id} {...(section && { ref: section, tabIndex: -1 })}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span class="quiet">{note}</span>}
      </div>
      {children}
    </section>
  )
}
