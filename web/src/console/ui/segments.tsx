interface SegmentsProps<Value> {
  /** What is chosen here. */
  label: string
  options: readonly { value: Value; label: string }[]
  value: Value
  onChoose: (value: Value) => void
}

/** A few choices side by side, of which one holds. */
export function Segments<Value>({ label, options, value, onChoose }: SegmentsProps<Value>) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button type="button" aria-pressed={option.value === value} onClick={() => onChoose(option.value)}>{option.label}</button>
      ))}
    </div>
  )
}
