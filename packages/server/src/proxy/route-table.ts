import { normalizePath } from 'headgate/http'

/** Finds routes by path: of those that fit the one with the most segments. `/api` fits `/api` and `/api/x`, and never `/apix`. */
export class RouteTable<Route extends { readonly path: string }> {
  readonly #routes: ReadonlyMap<string, Route>
  readonly #ignoreCase: boolean
  readonly #root: Route

  /** One of them has the path `/`. */
  constructor(routes: readonly Route[], { ignoreCase }: { readonly ignoreCase: boolean }) {
    const folded = routes.map((route) => [fold(normalizePath(route.path), ignoreCase), route] as const)
    this.#routes = new Map(folded)
    this.#ignoreCase = ignoreCase
    const root = this.#routes.get('/')
    if (root === undefined) throw new Error('no route has the path /')
    this.#root = root
  }

  /** The route of a canonical path. */
  find(path: string): Route {
    if (this.#routes.size === 1) return this.#root
    // As policies read it: `/admin;v=1` and `/admin/` are `/admin`.
    let rest = fold(normalizePath(path), this.#ignoreCase)
    while (rest !== '') {
      const route = this.#routes.get(rest)
      if (route !== undefined) return route
      rest = rest.slice(0, rest.lastIndexOf('/'))
    }
    return this.#root
  }
}

function fold(path: string, ignoreCase: boolean): string {
  return ignoreCase ? path.toLowerCase() : path
}
