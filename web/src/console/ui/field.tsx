import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { t } from '../i18n'

export interface FieldParts {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: boolean
  'aria-required'?: boolean
}

interface FieldProps {
  label: string
  hint?: ComponentChildren
  /** What is wrong with what was entered. */
  error?: string | undefined
  optional?: boolean
  children: (parts: FieldParts) => ComponentChildren
}

/** A label, its control, and what there is to say about it; screen readers are told all of that together. */
export function Field({ label, hint, error, optional, children }: FieldProps) {
  const id = useId()
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  const parts: FieldParts = {
    id,
    'aria-required': !optional,
    ...(about ? { 'aria-describedby': about } : {}),
    ...(error ? { 'aria-invalid': true } : {}),
  }
  return (
    <div class="field">
      <label for={id}>{label} {optional && <span class="soft">({t().common.optional})</span>}</label>
      {children(parts)}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="field-error" id={`${id}-error`} role="alert">{error}</p>}
    </div>
  )
}
