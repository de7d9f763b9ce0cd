import { useSignal } from '@preact/signals'
import { ask, type Body } from '../../../api'
import { useCountries } from '../../../catalogue'
import { t } from '../../../i18n'
import { nameOf } from '../../../people'
import { FormDialog } from '../../../ui/dialog'
import { Field } from '../../../ui/field'
import { useSending } from '../../../ui/form'
import { toast } from '../../../ui/toast'
import type { Account } from '../data'
import { changesOf, type Draft, draftOf } from '../draft'
import { CityField } from './city'

type Update = Body<'/api/user/update/'>
type TextName = 'first_name' | 'last_name' | 'email' | 'phone' | 'avatar'

const FIELDS = ['first_name', 'last_name', 'email', 'phone', 'sex', 'birth_date', 'country', 'city', 'timezone', 'bio', 'avatar'] as const
const TYPES: Partial<Record<TextName, 'email' | 'tel' | 'url'>> = { email: 'email', phone: 'tel', avatar: 'url' }
const ZONES = Intl.supportedValuesOf('timeZone')

export function EditDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const draft = useSignal(draftOf(account))
  const { countries } = useCountries()
  const sending = useSending(FIELDS)
  const words = t()
  const labels = words.user.fields
  const set = (changes: Partial<Draft>) => (draft.value = { ...draft.value, ...changes })
  const now = draft.value

  const submit = () => {
    const changes = changesOf(draftOf(account), now)
    if (!Object.keys(changes).length) {
      onClose()
      return toast(words.editDialog.nothing)
    }
    void sending.send(() => ask('/api/user/update/', { user_id: account.id, ...changes } as Update), () => {
      onClose()
      toast(words.user.saved)
    })
  }
  const text = (name: TextName, optional = true) => (
    <Field label={labels[name]} optional={optional} error={sending.error(name)}>{(parts) => (
      <input {...parts} type={(TYPES[name] ?? 'text') as 'url'} value={now[name]} autocomplete="off" spellcheck={false}
        onInput={(event) => set({ [name]: event.currentTarget.value })} />
    )}</Field>
  )

  return (
    <FormDialog kind="wide" title={words.editDialog.title(nameOf(account))} submit={words.common.save} onSubmit={submit} onClose={onClose} busy={sending.busy}>
      <div class="fields">
        {text('first_name')}
        {text('last_name')}
        {text('email', false)}
        {text('phone')}
        <Field label={labels.sex} optional error={sending.error('sex')}>{(parts) => (
          <select {...parts} value={now.sex} onChange={(event) => set({ sex: event.currentTarget.value })}>
            <option value="">{words.editDialog.unknown}</option>
            {(['female', 'male', 'other'] as const).map((one) => <option key={one} value={one}>{words.sex[one]}</option>)}
          </select>
        )}</Field>
        <Field label={labels.birth_date} optional error={sending.error('birth_date')}>{(parts) => (
          <input {...parts} type="date" value={now.birth_date} onInput={(event) => set({ birth_date: event.currentTarget.value })} />
        )}</Field>
        <Field label={labels.country} optional error={sending.error('country')}>{(parts) => (
          <select {...parts} value={now.country} onChange={(event) => set({ country: event.currentTarget.value, city: '', cityName: '' })}>
            <option value="">{words.editDialog.unknown}</option>
            {countries.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
          </select>
        )}</Field>
        <CityField country={now.country} name={now.cityName} known={now.city !== '' || now.cityName === ''} error={sending.error('city')}
          onCity={(city, cityName) => set({ city, cityName })} />
        <Field label={labels.timezone} error={sending.error('timezone')}>{(parts) => (
          <select {...parts} value={now.timezone} onChange={(event) => set({ timezone: event.currentTarget.value })}>
            {!ZONES.includes(now.timezone) && <option value={now.timezone}>{now.timezone}</option>}
            {ZONES.map((zone) => <option key={zone} value={zone}>{zone.replaceAll('_', ' ')}</option>)}
          </select>
        )}</Field>
        {text('avatar')}
      </div>
      <Field label={labels.bio} optional error={sending.error('bio')}>{(parts) => (
        <textarea {...parts} rows={4} maxLength={2000} value={now.bio} onInput={(event) => set({ bio: event.currentTarget.value })} />
      )}</Field>
      {sending.trouble && <p class="note bad" role="alert">{sending.trouble}</p>}
    </FormDialog>
  )
}
