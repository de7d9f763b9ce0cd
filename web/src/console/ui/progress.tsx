/** How far something is, as a bar and in words. */
export function Progress({ done, total, label }: { done: number; total: number; label: string }) {
  return (
    <div class="progress">
      <progress value={done} max={Math.max(total, 1)} aria-label={label} />
      <p class="hint number">{label}</p>
    </div>
  )
}
