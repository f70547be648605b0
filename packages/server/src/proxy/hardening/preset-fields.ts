import type { Preset } from '../../service/proxy-settings/hardening-settings.ts'

/** What a preset adds to responses that lack it. */
export interface PresetFields {
  /** The content security policy. */
  readonly policy: string
  /** Whether browsers only report what breaks the policy. */
  readonly reportOnly: boolean
  /** Whether pages over TLS load by TLS what they name by `http:`; a part of the policy that only counts where it is enforced. */
  readonly upgradesRequests: boolean
  /** All other fields, by names in lower case. */
  readonly others: Readonly<Record<string, string>>
}

/** The policy of the OWASP Secure Headers Project for pages: resources, forms and bases of their own origin, in no frame. */
const OF_PAGES =
  "default-src 'self'; form-action 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'"

/** For answers that no browser renders. What `default-src` is no default for is named. */
const OF_APIS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Devices and sensors that a page has to be written for: an application that uses them sends a field of its own. */
const NO_SENSORS = [
  ...['accelerometer', 'bluetooth', 'camera', 'display-capture', 'geolocation', 'gyroscope', 'hid'],
  ...['magnetometer', 'microphone', 'midi', 'payment', 'serial', 'usb'],
]
const NO_DEVICES = ['bluetooth', 'hid', 'midi', 'serial', 'usb']

const ALWAYS = { 'x-frame-options': 'DENY', 'x-permitted-cross-domain-policies': 'none' }
const ISOLATED = {
  ...ALWAYS,
  'referrer-policy': 'no-referrer',
  'permissions-policy': nobody(NO_SENSORS),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/**
 * The presets. `compat` is for applications that know nothing of these fields, and breaks as few as can be: its policy only reports,
 * and windows that a page opens to sign in keep their opener.
 */
export const PRESET_FIELDS: Readonly<Record<Preset, PresetFields>> = {
  compat: {
    policy: OF_PAGES,
    reportOnly: true,
    upgradesRequests: true,
    others: {
      ...ALWAYS,
      'referrer-policy': 'strict-origin-when-cross-origin',
      'permissions-policy': nobody(NO_DEVICES),
      'cross-origin-opener-policy': 'same-origin-allow-popups',
    },
  },
  strict: { policy: OF_PAGES, reportOnly: false, upgradesRequests: true, others: ISOLATED },
  api: { policy: OF_APIS, reportOnly: false, upgradesRequests: false, others: ISOLATED },
}

function nobody(features: readonly string[]): string {
  return features.map((feature) => `${feature}=()`).join(', ')
}
