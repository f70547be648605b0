const HOST = /^([a-z\d](?:[a-z\d.-]{0,252}[a-z\d])?|\[[\da-f:.]{2,45}\])\.?(?::\d{1,5})?$/

/**
 * The name in a Host field in its one spelling: in lower case, without the port and the final dot. `API.example.com.:443` is
 * `api.example.com`. Undefined for what is no name or address.
 */
export function hostName(field: string): string | undefined {
  return HOST.exec(field.toLowerCase())?.[1]
}
