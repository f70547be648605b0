/** The field that names what scripts of other origins may read (Fetch standard, section 3.3.3). */
export const EXPOSE = 'access-control-expose-headers'

/** The names of both lists; an application that allows other origins has often one of its own. */
export function exposeBoth(earlier: string | null | undefined, names: string): string {
  if (earlier === undefined || earlier === null || earlier === '') return names
  const known = new Set(listOf(earlier).map((name) => name.toLowerCase()))
  const added = listOf(names).filter((name) => !known.has(name.toLowerCase()))
  return [earlier, ...added].join(', ')
}

function listOf(names: string): string[] {
  return names.split(',').map((name) => name.trim())
}
