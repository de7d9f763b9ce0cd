import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useId } from 'preact/hooks'
import { ask } from '../../../api'
import { t } from '../../../i18n'
import { Field } from '../../../ui/field'

interface CityFieldProps {
  /** The id of the country that it lies in, or ''. */
  country: string
  name: string
  /** Whether the name is one that was chosen. */
  known: boolean
  error: string | undefined
  /** An id and a name; no id as long as the name is none of the list. */
  onCity: (id: string, name: string) => void
}

/** A city is chosen from those of its country that begin as what is typed. */
export function CityField({ country, name, known, error, onCity }: CityFieldProps) {
  const id = useId()
  const words = t().editDialog
  const q = name.trim()
  const { data } = useQuery({
    queryKey: ['cities', country, q],
    queryFn: ({ signal }) => ask('/api/get/cities/', { country: Number(country), q, limit: 20 }, { signal }),
    enabled: country !== '' && q !== '',
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  })
  const cities = data?.cities ?? []
  const type = (typed: string) => onCity(String(cities.find((city) => city.name === typed)?.id ?? ''), typed)
  const problem = error ?? (known ? undefined : words.cityUnknown)
  return (
    <Field label={t().user.fields.city} optional hint={country ? words.cityHint : words.cityNeedsCountry} error={problem}>{(parts) => (
      <>
        <input {...parts} list={`${id}-cities`} value={name} disabled={!country} autocomplete="off" spellcheck={false}
          onInput={(event) => type(event.currentTarget.value)} />
        <datalist id={`${id}-cities`}>{cities.map((city) => <option key={city.id} value={city.name} />)}</datalist>
      </>
    )}</Field>
  )
}
