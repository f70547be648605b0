/** A URL for people: scheme, hosts and path; user, password and options are left out. */
export function maskUrl(url: string): string {
  // Whatever stands before an @ may be a password, also where the scheme is misspelt.
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/|(?:rediss?(?:\+[a-z]+)?|unix):\/*)?.*@/is, '$1***@')
    .replace(/[?#].*$/s, '')
}
