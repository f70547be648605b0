/** A URL for people: scheme, hosts and path; user, password and options are left out. */
export function maskUrl(url: string): string {
  return url.replace(/\/\/.*@/s, '//***@').replace(/[?#].*$/s, '')
}
