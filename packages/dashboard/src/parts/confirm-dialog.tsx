import { useEffect, useId, useRef } from 'preact/hooks'
import type { KeyAction } from '../format/key-action.ts'

interface ConfirmDialogProps {
  readonly action: KeyAction
  readonly onConfirm: () => void
  readonly onCancel: () => void
}

/** Asks before something is done that other people feel. Whoever presses Enter or Escape at once has done nothing. */
export function ConfirmDialog({ action, onConfirm, onCancel }: ConfirmDialogProps) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    return () => {
      dialog.current?.close()
      if (opener instanceof HTMLElement) opener.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-question`}
      aria-describedby={`${id}-consequence`}
      onCancel={(event) => {
        event.preventDefault()
        onCancel()
      }}
    >
      <h3 id={`${id}-question`}>{action.question}</h3>
      <p id={`${id}-consequence`}>{action.consequence}</p>
      <div class="dialog-buttons">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="button" class="danger" onClick={onConfirm}>
          {action.verb}
        </button>
      </div>
    </dialog>
  )
}
