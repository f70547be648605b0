/** How much of a whole, from 0 to 1, as a bar. It says nothing that does not stand beside it as text. */
export function Bar({ share, tone = 'plain' }: { readonly share: number; readonly tone?: string }) {
  return (
    <svg class={`bar ${tone}`} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-room" width="100" height="8" />
      <rect class="bar-part" width={Math.max(share > 0 ? 1 : 0, share * 100)} height="8" />
    </svg>
  )
}
