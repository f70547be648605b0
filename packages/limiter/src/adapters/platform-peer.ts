/** What a runtime passes to handlers beside the request, as far as it tells of the peer. */
interface Platform {
  /** Deno. */
  readonly remoteAddr?: { readonly hostname?: unknown }
  /** `@hono/node-server`. */
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: unknown } }
  /** Bun's server; Hono may have it one level below. */
  requestIP?(request: Request): { readonly address?: unknown } | null
}

/** Address of the peer, as Deno, Bun and `@hono/node-server` tell it; undefined elsewhere, as in Workers. */
export function platformPeer(request: Request, platform: unknown): string | undefined {
  const { remoteAddr, incoming, requestIP } = (platform ?? {}) as Platform
  const address =
    remoteAddr?.hostname ??
    incoming?.socket?.remoteAddress ??
    (typeof requestIP === 'function' ? requestIP.call(platform, request)?.address : undefined)
  return typeof address === 'string' ? address : undefined
}
