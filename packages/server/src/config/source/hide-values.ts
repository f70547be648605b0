import { areNear, type Mistake } from '../config-error.ts'
import type { Substitution } from './substitute-document.ts'

/** Shorter values are found in many words; a text that is one of them is known all the same. */
const LENGTH_MIN = 4
const QUOTED = /("(?:[^"\\]|\\.)*")/

/** A mistake in whose message values of variables, which may be secrets, are written as `${NAME}` again. */
export function hideValues<M extends Mistake>(mistake: M, substitutions: readonly Substitution[]): M {
  const near = substitutions.filter(({ path, used }) => used.size > 0 && areNear(path, mistake.path))
  if (near.length === 0) return mistake
  const parts = mistake.message.split(QUOTED).map((part, i) => {
    return i % 2 === 1 ? hideQuoted(part, near) : hideWords(part, near)
  })
  return { ...mistake, message: parts.join('') }
}

function hideQuoted(part: string, near: readonly Substitution[]): string {
  // A long text is shown cut, and of a text there may be a part.
  const shown = String(JSON.parse(part)).replace(/…$/, '')
  if (shown === '') return part
  const one = near.find(({ text, used }) => {
    const isPart = [...used.values()].some((value) => value.length >= LENGTH_MIN && shown.includes(value))
    return isPart || text.includes(shown)
  })
  return one === undefined ? part : JSON.stringify(one.written)
}

/** Numbers, and nothing else, are shown without quotes. */
function hideWords(part: string, near: readonly Substitution[]): string {
  const values = near.flatMap(({ used }) => [...used]).filter(([, value]) => /^-?\d[\d.]*$/.test(value))
  return values.reduce((text, [name, value]) => {
    const word = new RegExp(String.raw`(?<![\w.-])${value.replaceAll('.', String.raw`\.`)}(?!\w)`, 'g')
    return text.replaceAll(word, () => `\${${name}}`)
  }, part)
}
