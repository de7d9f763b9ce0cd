import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { X } from './icons'
import { t } from '../i18n'

interface DialogProps {
  title: string
  onClose: () => void
  children: ComponentChildren
  /** Buttons at its foot; the last is the one that acts. */
  actions?: ComponentChildren
  kind?: 'side' | 'wide' | 'palette'
}

const FIELD = '.dialog-content :is(input, select, textarea)'

/** A modal dialog: the browser keeps the focus in it, Esc closes it, and whatever had the focus has it again.
 * What is marked `data-first` in it has the focus to begin with, else its first field, else its first control. */
export function Dialog({ title, onClose, children, actions, kind }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  const opener = useRef(document.activeElement)
  const id = useId()
  useEffect(() => {
    element.current?.showModal()
    const first = element.current?.querySelector<HTMLElement>('[data-first]') ?? element.current?.querySelector<HTMLElement>(FIELD)
    first?.focus()
  }, [])
  // Taken away while it is open it would give the focus back to nobody.
  useEffect(() => {
    const [shown, before] = [element.current, opener.current]
    return () => {
      shown?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog ref={element} class={`dialog ${kind ?? ''}`} aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose() }}
      onMouseDown={(event) => { if (event.target === element.current) onClose() }}>
      <div class="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="icon" aria-label={t().common.close} onClick={onClose}><X /></button>
        </header>
        <div class="dialog-content">{children}</div>
        {actions && <footer>{actions}</footer>}
      </div>
    </dialog>
  )
}

interface FormDialogProps extends DialogProps {
  submit: string
  onSubmit: () => void
  busy?: boolean
  danger?: boolean
}

/** A dialog that is a form: Enter does what its main button says. */
export function FormDialog({ submit, onSubmit, busy, danger, children, ...dialog }: FormDialogProps) {
  const id = useId()
  const send = (event: Event) => {
    event.preventDefault()
    if (!busy) onSubmit()
  }
  const actions = (
    <>
      {dialog.actions}
      <span class="grow" />
      <button type="button" onClick={dialog.onClose}>{t().common.cancel}</button>
      <button type="submit" form={id} class={danger ? 'danger' : 'primary'} aria-disabled={busy}>{submit}</button>
    </>
  )
  return (
    <Dialog {...dialog} actions={actions}>
      <form id={id} noValidate onSubmit={send}>{children}</form>
    </Dialog>
  )
}
