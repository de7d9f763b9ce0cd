/** The icon of the page (kit/icon.svg), drawn: what a script would load by name has another name when it is served. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="36" height="36" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#2f5bd7" />
      <path d="m8 10 2 2 3-4M16 10h8M8 17l2 2 3-4M16 17h8M8 24l2 2 3-4M16 24h8" fill="none" stroke="#fff" stroke-width="2" />
    </svg>
  )
}
