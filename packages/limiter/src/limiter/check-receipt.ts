import { HeadgateError, show } from '../core/errors.ts'
import type { Receipt, ReceiptEntry } from '../core/receipt.ts'
import { isRecord, isWhole } from '../core/validate.ts'
import { NUMBERS_PER_RULE } from './make-receipt.ts'

const WRONG_FIELD = 'is not that of a receipt'
const FIX = 'pass the receipt field of a decision as it is'
const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isList = Array.isArray as (value: unknown) => value is unknown[]

type Fields = Readonly<Record<string, (value: unknown) => boolean>>

const originFields: Fields = {
  policy: isText,
  override: (value) => isWhole(value, -1),
  limit: isList,
  rules: (value) => isList(value) && value.every(isText),
  rule: (value) => value === undefined || isRecord(value),
}

const entryFields: Fields = {
  origin: isRecord,
  key: isText,
  cost: (value) => isWhole(value, 0),
  fallbackId: (value) => value === null || isText(value),
  numbers: (value) => isList(value) && value.every((number) => isWhole(number, 0)),
}

const receiptFields: Fields = {
  ...entryFields,
  process: (value) => isText(value) && /^[0-9a-z]+$/.test(value as string),
  spend: (value) => isWhole(value, 1),
  others: isList,
}

/** Checks a receipt, also one that went through JSON; an `invalid-receipt` error names the wrong field. */
export function checkReceipt(value: unknown): Receipt {
  if (!isRecord(value)) throw invalidReceipt(value, 'receipt', 'is not a receipt')
  checkEntry(value, 'receipt', receiptFields)
  const receipt = value as Receipt
  receipt.others.forEach((entry, i) => {
    checkEntry(entry, `receipt.others[${i}]`, entryFields)
  })
  return receipt
}

function checkEntry(entry: unknown, path: string, fields: Fields): void {
  check(entry, path, fields)
  const { origin, numbers } = entry as ReceiptEntry
  check(origin, `${path}.origin`, originFields)
  const more = numbers.length - origin.rules.length * NUMBERS_PER_RULE
  if (more !== 0 && more !== 1) throw invalidReceipt(numbers, `${path}.numbers`, WRONG_FIELD)
}

function check(value: unknown, path: string, fields: Fields): void {
  for (const [field, isValid] of Object.entries(fields)) {
    const given =
      isRecord(value) && Object.hasOwn(value, field) ? value[field as keyof typeof value] : undefined
    if (!isValid(given)) throw invalidReceipt(given, `${path}.${field}`, WRONG_FIELD)
  }
}

function invalidReceipt(value: unknown, path: string, what: string): HeadgateError {
  return new HeadgateError('invalid-receipt', `${show(value)} ${what}; ${FIX}`, { path })
}
