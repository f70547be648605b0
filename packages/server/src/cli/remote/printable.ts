/** What a terminal obeys instead of showing, and what changes the order in which text is shown. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/**
 * A text of somebody else for a terminal: keys are chosen by clients, and one with an escape sequence in it would move the cursor
 * of who looks at them.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, escaped)
}

/** JSON that holds nothing a terminal obeys; to programs it says the same as any other JSON. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent)
  // Line breaks between the fields are ours: inside texts they are escaped already.
  return text.replaceAll(UNPRINTABLE, (found) => (found === '\n' ? found : escaped(found)))
}

function escaped(found: string): string {
  return Array.from({ length: found.length }, (_, i) => {
    return `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`
  }).join('')
}
