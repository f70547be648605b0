const CORS = 'access-control-'

/**
 * A response's fields with others that tell what pages of other origins may do: those of the upstream go, whatever they
 * say, and `Vary` is one list of both. All in flat pairs with names in lower case.
 */
export function withCorsFields(fields: readonly string[], added: readonly string[]): string[] {
  const out: string[] = []
  let varies = !added.includes('vary')
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (name.startsWith(CORS)) continue
    const value = fields[i + 1] as string
    if (name !== 'vary' || varies) out.push(name, value)
    else {
      varies = true
      out.push(name, variesByOrigin(value) ? value : `${value}, origin`)
    }
  }
  for (let i = 0; i < added.length; i += 2) {
    const name = added[i] as string
    if (name !== 'vary' || !varies) out.push(name, added[i + 1] as string)
  }
  return out
}

function variesByOrigin(list: string): boolean {
  return list.split(',').some((name) => {
    const trimmed = name.trim().toLowerCase()
    return trimmed === 'origin' || trimmed === '*'
  })
}
