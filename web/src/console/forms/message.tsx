/** How a notification is written, for one user and for many, and what it will look like. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { Bell } from '../ui/icons'
import { type Code, CODES } from '../catalogue'
import { t } from '../i18n'
import { Badge } from '../ui/badge'
import { Field } from '../ui/field'

export interface Message {
  title: string
  message: string
  type: string
  code?: Code
}

export interface MessageForm {
  check: () => Message | undefined
  /** `about`: what there is to say about the kind that is chosen. */
  fields: (about?: ComponentChildren) => preact.JSX.Element
  /** The kind that is chosen, if any. */
  code: Code | undefined
}

function Preview({ title, message, type }: Message) {
  const words = t().notify
  return (
    <section class="preview" aria-label={words.preview}>
      <span class="preview-icon"><Bell /></span>
      <div class="grow">
        <p class="row"><strong class="grow">{title || words.heading}</strong> <span class="hint">{words.now}</span></p>
        <p class="preview-text">{message || words.message}</p>
        <Badge tone="soft">{type}</Badge>
      </div>
    </section>
  )
}

export function useMessageForm(): MessageForm {
  const title = useSignal('')
  const message = useSignal('')
  const type = useSignal('system')
  const code = useSignal<Code | ''>('')
  const tried = useSignal(false)
  const written = (): Message => ({
    title: title.value.trim(), message: message.value.trim(), type: type.value.trim(), ...(code.value ? { code: code.value } : {}),
  })
  const missing = (text: string) => (tried.value && !text.trim() ? t().notify.missing : undefined)

  function check(): Message | undefined {
    tried.value = true
    const now = written()
    return now.title && now.message && now.type ? now : undefined
  }

  function fields(about?: ComponentChildren) {
    const words = t().notify
    return (
      <>
        <Field label={words.heading} error={missing(title.value)}>{(parts) => (
          <input {...parts} maxLength={200} value={title.value} data-first onInput={(event) => (title.value = event.currentTarget.value)} />
        )}</Field>
        <Field label={words.message} error={missing(message.value)}>{(parts) => (
          <textarea {...parts} rows={4} maxLength={4000} value={message.value} onInput={(event) => (message.value = event.currentTarget.value)} />
        )}</Field>
        <div class="fields">
          <Field label={words.code} hint={words.codeHint}>{(parts) => (
            <select {...parts} value={code.value} onChange={(event) => (code.value = event.currentTarget.value as Code | '')}>
              <option value="">{words.always}</option>
              {CODES.map((one) => <option key={one} value={one}>{words.codes[one]}</option>)}
            </select>
          )}</Field>
          <Field label={words.type} hint={words.typeHint} error={missing(type.value)}>{(parts) => (
            <input {...parts} maxLength={50} value={type.value} onInput={(event) => (type.value = event.currentTarget.value)} />
          )}</Field>
        </div>
        {about}
        <Preview {...written()} />
      </>
    )
  }
  return { check, fields, code: code.value || undefined }
}
