/** The navigation in the shape that Starlight reads. */
import type { NavigationGroup, NavigationItem } from './navigation.ts'
import { routeOf } from './site-page.ts'

/** An entry of the sidebar: a page, or a group of them. */
type SidebarEntry =
  | { readonly label: string; readonly slug: string }
  | { readonly label: string; readonly collapsed: boolean; readonly items: readonly SidebarEntry[] }

/** Entries of groups, whose pages have these titles by path. */
export function sidebarOf(
  groups: readonly NavigationGroup[],
  titles: ReadonlyMap<string, string>,
): SidebarEntry[] {
  const entryOf = (item: NavigationItem): SidebarEntry => {
    if (typeof item !== 'string') {
      return { label: item.label, collapsed: true, items: item.items.map(entryOf) }
    }
    const label = item.endsWith('/README.md') ? 'Overview' : (titles.get(item) ?? item)
    return { label, slug: routeOf(item) }
  }
  return groups.map(entryOf)
}
