import type { CookieSettings } from '../../service/proxy-settings/hardening-settings.ts'

// A line ends its value at the first semicolon, quotes or not (RFC 6265, section 5.2), so what begins with one is an attribute.
const SECURE = /;[ \t]*secure[ \t]*(?:[;=]|$)/i
const HTTP_ONLY = /;[ \t]*httponly[ \t]*(?:[;=]|$)/i
const SAME_SITE = /;[ \t]*samesite[ \t]*=[ \t]*(?:lax|strict|none)[ \t]*(?:;|$)/i

/** Gives a line of `Set-Cookie` the attributes that it lacks. */
export type CookieRules = (line: string, isSecure: boolean) => string

/**
 * Attributes are only ever added: `SameSite=None` stays, and a value that browsers do not know counts as missing. `Domain` and
 * `Path` stay as they are, so that names with `__Host-` and `__Secure-` keep what browsers ask of them. Names are compared in case.
 */
export function compileCookies({ secure, sameSite, readable, exempt }: CookieSettings): CookieRules {
  const untouched = new Set(exempt)
  const ofScripts = new Set(readable)
  const site = sameSite === null ? null : `; SameSite=${sameSite === 'lax' ? 'Lax' : 'Strict'}`
  return (line, isSecure) => {
    const name = nameOf(line)
    if (untouched.has(name)) return line
    let added = ''
    if (secure && isSecure && !SECURE.test(line)) added += '; Secure'
    if (!ofScripts.has(name) && !HTTP_ONLY.test(line)) added += '; HttpOnly'
    if (site !== null && !SAME_SITE.test(line)) added += site
    return line + added
  }
}

/** As browsers read it: without `=` the whole pair is the value of a cookie without a name. */
function nameOf(line: string): string {
  const semicolon = line.indexOf(';')
  const end = semicolon < 0 ? line.length : semicolon
  const equals = line.indexOf('=')
  return equals < 0 || equals > end ? '' : line.slice(0, equals).trim()
}
