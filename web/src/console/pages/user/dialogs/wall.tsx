import { useState } from 'preact/hooks'
import { ask } from '../../../api'
import { type Network, NETWORKS } from '../../../catalogue'
import { t } from '../../../i18n'
import { FormDialog } from '../../../ui/dialog'
import { Field } from '../../../ui/field'
import { useSending } from '../../../ui/form'
import { toast } from '../../../ui/toast'
import type { Account } from '../data'
import type { Wall } from '../walls'

interface WallDialogProps {
  account: Account
  /** The one to edit; without it a new one is added. */
  wall: Wall | undefined
  onClose: () => void
}

/** Adding what is there already changes its description; at another address it is another wall, and the old one goes. */
async function save(user_id: number, wall: Wall | undefined, next: Pick<Wall, 'network' | 'wall_url' | 'description'>) {
  await ask('/api/user/add-custom-social-wall/', { user_id, ...next })
  const moved = wall && (wall.network !== next.network || wall.wall_url !== next.wall_url)
  if (moved) await ask('/api/user/remove-custom-social-wall/', { user_id, wall_id: wall.id })
}

export function WallDialog({ account, wall, onClose }: WallDialogProps) {
  const [network, setNetwork] = useState<Network>(wall?.network ?? 'instagram')
  const [url, setUrl] = useState(wall?.wall_url ?? '')
  const [description, setDescription] = useState(wall?.description ?? '')
  const sending = useSending(['wall_url', 'description'])
  const words = t().walls
  const submit = () => void sending.send(() => save(account.id, wall, { network, wall_url: url.trim(), description: description.trim() }), () => {
    onClose()
    toast(words.saved)
  })
  return (
    <FormDialog title={wall ? words.editTitle : words.addTitle} submit={t().common.save} onSubmit={submit} onClose={onClose} busy={sending.busy}>
      <Field label={words.network}>{(parts) => (
        <select {...parts} value={network} onChange={(event) => setNetwork(event.currentTarget.value as Network)}>
          {(Object.keys(NETWORKS) as Network[]).map((one) => <option key={one} value={one}>{NETWORKS[one]}</option>)}
        </select>
      )}</Field>
      <Field label={words.url} hint={words.urlHint} error={sending.error('wall_url')}>{(parts) => (
        <input {...parts} type="url" inputMode="url" maxLength={2048} value={url} data-first placeholder="https://" spellcheck={false}
          onInput={(event) => setUrl(event.currentTarget.value)} />
      )}</Field>
      <Field label={words.description} optional error={sending.error('description')}>{(parts) => (
        <textarea {...parts} rows={2} maxLength={2000} value={description} onInput={(event) => setDescription(event.currentTarget.value)} />
      )}</Field>
      {sending.trouble && <p class="note bad" role="alert">{sending.trouble}</p>}
    </FormDialog>
  )
}
